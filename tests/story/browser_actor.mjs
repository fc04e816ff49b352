// A jongere at the web page, for the story: one JSON command per line on standard input, one JSON answer per line on standard output.
//   node browser_actor.mjs PROFILE_DIR
//   {"do":"open","url":U} {"do":"join","name":N} {"do":"ready"} {"do":"send","text":T} {"do":"see","text":T} {"do":"messages"}
//   {"do":"address"} {"do":"kill-tab"} {"do":"kill-browser"} {"do":"lose-storage"} {"do":"quit"}
// Answers {"ok":true,...} or {"ok":false,"why":...}.
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { JongerePage, killBrowser, killTab, launch } from '../browser/chromium.mjs';

const profile = process.argv[2];
let { context, page } = await launch(profile);
let sam = new JongerePage(page);
let home = '';

const actions = {
  async open({ url }) {
    home = url.split('#')[0];
    await sam.open(url);
  },
  join: ({ name }) => sam.join(name),
  ready: () => sam.ready(),
  // Shown means kept on this device.
  async send({ text }) {
    await sam.send(text);
    await sam.shows(text);
  },
  see: ({ text }) => sam.shows(text),
  // The whole conversation; the page shows its newest part first.
  async messages() {
    await sam.showAll();
    const messages = await page.locator('#messages > li').evaluateAll((items) => items.map((item) => ({
      id: item.dataset.id, seq: Number(item.dataset.seq), state: item.dataset.state, text: item.querySelector('p').textContent })));
    return { messages };
  },
  address: async () => ({ url: page.url() }),
  // The renderer dies at once, with the page and its worker; the person opens the page again.
  async 'kill-tab'() {
    await killTab(page);
    page = await context.newPage();
    sam = new JongerePage(page);
    await sam.open(home);
  },
  // SIGKILL to every process of the browser.
  async 'kill-browser'() {
    await killBrowser(profile);
    await context.close().catch(() => undefined);
    ({ context, page } = await launch(profile));
    sam = new JongerePage(page);
    await sam.open(home);
  },
  // All that the browser kept is gone; the person opens the browser again.
  async 'lose-storage'() {
    await context.close();
    await rm(profile, { recursive: true });
    ({ context, page } = await launch(profile));
    sam = new JongerePage(page);
  },
};

const answer = (value) => process.stdout.write(JSON.stringify(value) + '\n');
answer({ ok: true });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.do === 'quit') break;
  try {
    answer({ ok: true, ...(await actions[command.do](command)) });
  } catch (error) {
    answer({ ok: false, why: String(error) });
  }
}
await context.close().catch(() => undefined);
process.exit(0);
