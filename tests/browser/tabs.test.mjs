// Two tabs of one browser are one device (design section 6): the second talks through the first, and takes over when that is gone.
// And tabs that are killed at any instant: what was shown as written arrives exactly once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { JongerePage, killTab, launch } from './chromium.mjs';
import { World } from './programs.mjs';

const SENT = ['accepted', 'delivered', 'read'];
const seed = Number(process.env.STEIGER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const profile = mkdtempSync(join(tmpdir(), 'steiger-profile-'));
let world, context, page;

before(async () => {
  world = await World.make('Noor');
  ({ context, page } = await launch(profile));
  const sam = new JongerePage(page);
  const { link, joined } = await world.invite('Sam');
  await sam.open(link);
  await sam.join('Sam');
  assert.equal(await joined, 0);
  await sam.ready();
});
after(async () => {
  await context?.close().catch(() => undefined);
  world?.end();
  rmSync(profile, { recursive: true, force: true });
});

async function openTab() {
  const tab = await context.newPage();
  const sam = new JongerePage(tab);
  await sam.open(world.pageUrl);
  await sam.ready();
  return { tab, sam };
}
const texts = async (sam) => (await sam.messages()).map(({ text }) => text);

test('two tabs show one conversation and both can write; the second goes on without the first', { timeout: 120_000 }, async () => {
  const first = new JongerePage(page);
  const { sam: second } = await openTab();
  await second.send('getypt in het tweede tabblad');
  for (const tab of [first, second]) await tab.shows('getypt in het tweede tabblad', SENT);
  await first.send('getypt in het eerste tabblad');
  for (const tab of [first, second]) await tab.shows('getypt in het eerste tabblad', SENT);
  world.steiger(['send', 'Hoi allebei']);
  for (const tab of [first, second]) await tab.shows('Hoi allebei');
  // A refusal is the affair of the tab that asked.
  await second.send('x'.repeat(33_000));
  await second.page.waitForFunction(() => document.getElementById('alarm').textContent.includes('te lang'));
  assert.equal(await first.alarm(), '');
  await second.page.fill('#text', '');

  // What is no message of ours does not disturb them.
  await second.page.evaluate(() => {
    const tabs = new BroadcastChannel('steiger-device');
    for (const message of ['x', null, {}, { protocol: 1, kind: 'request', request: new Uint8Array(9) }, { protocol: 1, kind: 'event', event: new Uint8Array(3) }]) {
      tabs.postMessage(message);
    }
    tabs.close();
  });

  await page.close();
  await second.send('het eerste is dicht');
  await second.shows('het eerste is dicht', SENT);
  world.steiger(['send', 'Ben je er nog?']);
  await second.shows('Ben je er nog?');
  ({ tab: page } = await openTab()); // the second owns the device now
  assert.deepEqual(await texts(new JongerePage(page)), await texts(second));
  world.steiger(['receive']);
  const atCoach = world.history().map(({ text }) => text);
  assert.deepEqual(await texts(second), atCoach);
  assert.equal(new Set(atCoach).size, atCoach.length);
});

test('a tab of another version that owns the device is told apart, and waited for', { timeout: 60_000 }, async () => {
  const other = await context.newPage();
  await other.goto(`${world.pageUrl}app.js`); // a document of this origin without our page
  for (const each of context.pages()) if (each !== other) await each.close();
  await other.evaluate(() => new Promise((resolve) => {
    const tabs = new BroadcastChannel('steiger-device');
    globalThis.heard = [];
    tabs.onmessage = ({ data }) => {
      globalThis.heard.push(data.kind);
      tabs.postMessage({ protocol: 99, kind: 'owner', more: 'of a later version' });
    };
    void navigator.locks.request('steiger-device', () => { resolve(); return new Promise(() => undefined); });
  }));
  page = await context.newPage();
  await page.goto(world.pageUrl);
  await page.waitForFunction(() => document.getElementById('notice').textContent.includes('ander tabblad'));
  assert.deepEqual([...new Set(await other.evaluate(() => globalThis.heard))], ['hello']); // nothing was handed to it
  await other.close();
  await new JongerePage(page).ready();
});

// Which tab dies, when, and how many messages are written before: from the seed.
test(`tabs killed at random instants (STEIGER_SEED=${seed})`, { timeout: 240_000 }, async () => {
  let state = seed;
  const random = (bound) => { // Park and Miller
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
  if (state === 0) state = 1;
  for (const each of context.pages()) if (each !== page) await each.close();
  const shown = new Set(); // what a page showed as written: waiting or further
  const started = [];
  for (let round = 0; round < 6; ++round) {
    const helper = random(2) === 1 ? await openTab() : null; // then the writing tab is the second, or takes over
    const victim = helper && random(2) === 1 ? helper.tab : page;
    const writer = new JongerePage(helper?.tab ?? page);
    const note = async () => {
      await writer.shows(started.at(-1));
      for (const { text, state: how } of await writer.messages()) if (how !== 'failed') shown.add(text);
    };
    const before = shown.size + random(8), instant = random(80); // so many were shown, and so many milliseconds later
    let enough;
    const isTime = new Promise((resolve) => { enough = resolve; });
    const writing = (async () => {
      for (let i = 0; i < 12; ++i) {
        const text = `ronde ${round} regel ${i}`;
        started.push(text);
        await writer.send(text);
        await note();
        if (shown.size > before) enough();
      }
    })().catch(() => undefined); // the tab under it is gone
    await isTime;
    await new Promise((resolve) => setTimeout(resolve, instant));
    await killTab(victim);
    if (helper && victim !== helper.tab) {
      await writing; // the writing tab lives: it takes over, and everything that was written must get there
      const last = `ronde ${round} regel 11`;
      await writer.shows(last, SENT);
      for (let i = 0; i < 12; ++i) shown.add(`ronde ${round} regel ${i}`);
      page = helper.tab;
    } else {
      await writing;
      if (!helper) ({ tab: page } = await openTab());
    }
  }
  const sam = new JongerePage(page);
  await sam.send('klaar');
  await sam.shows('klaar', SENT);
  world.steiger(['receive']);
  const atCoach = world.history().map(({ text }) => text);
  for (const text of shown) assert.equal(atCoach.filter((each) => each === text).length, 1, `"${text}" was shown as written`);
  for (const text of started) assert.ok(atCoach.filter((each) => each === text).length <= 1, `"${text}" came twice`);
  assert.ok(shown.size >= 6);
  await page.reload();
  await sam.shows('klaar');
  await sam.showAll();
  assert.deepEqual(await texts(sam), atCoach);
});
