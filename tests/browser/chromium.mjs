// Debian's Chromium with a profile of its own, driven by playwright-core (which downloads no browser). The profile is a folder, so
// that a browser can be killed and started again as the same device.
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.STEIGER_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

export async function launch(profile) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM, headless: true, args: FLAGS, chromiumSandbox: false,
  });
  const page = context.pages()[0] ?? await context.newPage();
  page.on('pageerror', (error) => console.error('page error:', error.message));
  page.on('console', (line) => { if (line.type() === 'error') console.error('page console:', line.text()); });
  return { context, page };
}

// SIGKILL to every process of this profile: what a dying phone does. Finds them by the profile folder on their command line.
export async function killBrowser(profile) {
  const { readdirSync, readFileSync } = await import('node:fs');
  const mine = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(`--user-data-dir=${profile}`)) mine.push(Number(pid));
    } catch {} // it ended meanwhile
  }
  if (mine.length === 0) throw new Error(`no browser with profile ${profile}`);
  for (const pid of mine) process.kill(pid, 'SIGKILL');
}

// The renderer of a tab dies at once, with the page and its worker, as on a phone that needs the memory.
export async function killTab(page) {
  const crashed = new Promise((resolve) => page.once('crash', resolve));
  page.goto('chrome://crash').catch(() => undefined);
  await crashed;
  await page.close();
}

// The page of the jongere, by what a person sees.
export class JongerePage {
  constructor(page) { this.page = page; }
  open(link) { return this.page.goto(link); }
  async join(name) {
    await this.page.locator('#join').waitFor({ state: 'visible' });
    await this.page.fill('#name', name);
    await this.page.click('#join button');
  }
  ready() { return this.page.locator('#chat').waitFor({ state: 'visible', timeout: 60_000 }); }
  // Everything from the first message on. Looked at and clicked in one step: the button goes when the last part has come.
  async showAll() {
    for (;;) {
      const before = await this.page.evaluate(() => {
        const earlier = document.querySelector('#earlier');
        if (earlier.hidden) return null;
        earlier.click();
        return document.querySelectorAll('#messages > li').length;
      });
      if (before === null) return;
      await this.page.waitForFunction((count) => document.querySelector('#earlier').hidden ||
        document.querySelectorAll('#messages > li').length !== count, before);
    }
  }
  async send(text) {
    await this.page.fill('#text', text);
    await this.page.click('#write button');
  }
  // Resolves when the text is shown; `state` also waits for the message's own state (accepted, delivered, ...).
  async shows(text, states = []) {
    const item = this.page.locator('#messages li', { hasText: text }).first();
    await item.waitFor({ timeout: 60_000 });
    if (states.length > 0) {
      await this.page.waitForFunction(([wanted, allowed]) => [...document.querySelectorAll('#messages li')].some(
        (li) => li.querySelector('p')?.textContent === wanted && allowed.includes(li.dataset.state)), [text, states], { timeout: 60_000 });
    }
  }
  messages() {
    return this.page.locator('#messages li').evaluateAll((items) => items.map((item) => ({
      text: item.querySelector('p').textContent, seq: item.dataset.seq, state: item.dataset.state,
      who: item.querySelector('strong').textContent })));
  }
  notice() { return this.page.locator('#notice').textContent(); }
  alarm() { return this.page.locator('#alarm').textContent(); }
}
