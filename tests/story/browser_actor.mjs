// A person at the web page, for the story: one JSON command per line on standard input, one JSON answer per line on standard output.
//   node browser_actor.mjs PROFILE_DIR
//   {"do":"open","url":U} {"do":"join","name":N} {"do":"ready"} {"do":"send","text":T} {"do":"see","text":T} {"do":"messages"}
//   {"do":"address"} {"do":"reload"} {"do":"kill-tab"} {"do":"quit"}
// Answers {"ok":true,...} or {"ok":false,"why":...}.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { chromium } = createRequire(new URL('../browser/package.json', import.meta.url))('playwright-core');

const PATIENCE_MS = 60_000; // as kPatience of process.h
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
                   '--disable-component-update', '--disable-sync'];

const context = await chromium.launchPersistentContext(process.argv[2], {
  executablePath: process.env.STEIGER_CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGUMENTS });
context.setDefaultTimeout(PATIENCE_MS);
let page = context.pages()[0] ?? (await context.newPage());
let home = '';

// Every message of the open conversation, oldest first.
async function messages() {
  while (await page.locator('#earlier').isVisible()) await page.locator('#earlier').click();
  return page.locator('#messages > li').evaluateAll((items) => items.map((item) => ({
    id: item.dataset.id, seq: Number(item.dataset.seq), state: item.dataset.state, text: item.querySelector('p').textContent })));
}

const actions = {
  async open({ url }) {
    home = url.split('#')[0];
    await page.goto(url);
    return {};
  },
  async join({ name }) {
    await page.locator('#join').waitFor();
    await page.fill('#name', name);
    await page.click('#join button[type=submit]');
    return {};
  },
  async ready() {
    await page.locator('#chat').waitFor();
    return {};
  },
  async send({ text }) {
    await page.fill('#text', text);
    await page.click('#write button[type=submit]');
    await page.locator('#messages > li p', { hasText: text }).first().waitFor();
    return {};
  },
  async see({ text }) {
    await page.locator('#messages > li p', { hasText: text }).first().waitFor();
    return {};
  },
  async messages() { return { messages: await messages() }; },
  async address() { return { url: page.url() }; },
  async reload() {
    await page.reload();
    return {};
  },
  // The renderer dies at once, with the page and its worker; the person opens the page again.
  async 'kill-tab'() {
    await page.goto('chrome://crash').catch(() => {});
    await page.close().catch(() => {});
    page = await context.newPage();
    await page.goto(home);
    return {};
  },
};

const answer = (value) => process.stdout.write(JSON.stringify(value) + '\n');
answer({ ok: true, browser: context.browser()?.version() ?? '' });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.do === 'quit') break;
  try {
    answer({ ok: true, ...(await actions[command.do](command)) });
  } catch (error) {
    answer({ ok: false, why: String(error) });
  }
}
await context.close();
process.exit(0);
