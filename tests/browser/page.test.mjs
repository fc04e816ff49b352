// The page in Chromium without a gateway behind it: what becomes of the secret, tabs side by side, nothing lost to a kill.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { api } from '../../build/web/test/page.mjs';
import { JongerePage, killBrowser, launch } from './chromium.mjs';
import { filesBelow, findInProfile } from './profile_search.mjs';

const SITE = new URL('../../build/web/site/', import.meta.url).pathname;
// Not in the order of the alphabet, which stands in the program itself.
const SECRET = 'QK7M2XWVA9PDTR4HGZ3B';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

let server, origin, seen = [], worker = null; // worker: served in place of the real one
const profiles = [];
before(async () => {
  server = createServer((request, response) => {
    seen.push(request.url);
    const path = new URL(request.url, 'http://x').pathname;
    try {
      const body = path === '/worker.js' && worker ? worker : readFileSync(join(SITE, path === '/' ? 'index.html' : path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/html' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  for (const profile of profiles) rmSync(profile, { recursive: true, force: true });
});
function newProfile() {
  profiles.push(mkdtempSync(join(tmpdir(), 'steiger-profile-')));
  return profiles.at(-1);
}
const membership = (page) => page.evaluate(() => document.body.dataset.membership);
const started = (page) => page.waitForFunction(() => document.body.dataset.membership !== undefined);

test('the secret leaves the address bar and never reaches the server or our store in the clear', async () => {
  const profile = newProfile();
  const { context, page } = await launch(profile);
  const jongere = new JongerePage(page);
  await jongere.open(`${origin}/#invite=${SECRET}`);
  await started(page);
  assert.equal(await page.evaluate(() => history.length), 2, 'about:blank and the page: no entry with the secret to go back to');
  assert.equal(await page.locator('#join').isVisible(), true);
  assert.equal(await page.locator('#code-row').isVisible(), false);
  assert.equal(await page.locator('#link-stays').isVisible(), true); // the person is told what the browser keeps
  await jongere.join('STEIGERPLANTEDNAME');
  await page.waitForFunction(() => document.body.dataset.membership !== 'none');
  assert.equal(await page.locator('#join').isVisible(), false);
  assert.equal(page.url(), `${origin}/`);
  assert.equal(await page.evaluate(() => history.length), 2, 'no entry with the secret to go back to');
  assert.deepEqual(seen.filter((url) => url.includes(SECRET)), []);
  await context.close();
  // What the worker stored is encrypted; the control is the page's own address, which a browser does keep.
  const stored = filesBelow(profile).map((path) => readFileSync(path).toString('latin1'));
  assert.ok(stored.some((content) => content.includes('127.0.0.1')), 'the control was not found: the look itself is broken');
  assert.ok(stored.some((content) => content.startsWith('STGRHED1')), 'the store was not found');
  const own = stored.filter((content) => content.startsWith('STGRHED1'));
  for (const mark of ['STEIGERPLANTEDNAME', SECRET]) assert.ok(!own.some((content) => content.includes(mark)), mark);
});

test('a reload before joining loses nothing; another link afterwards is answered, and leaves the address bar', async () => {
  const { context, page } = await launch(newProfile());
  await page.goto(`${origin}/#invite=${SECRET}`);
  await started(page);
  await page.reload();
  await started(page);
  assert.equal(await page.locator('#code-row').isVisible(), false); // a QR link has no code to type
  await new JongerePage(page).join('Sam');
  await page.waitForFunction(() => document.body.dataset.membership !== 'none');
  assert.equal(page.url(), `${origin}/`);
  assert.doesNotMatch(await page.locator('#notice').textContent(), /Gelukt|link/); // no gateway has our proof
  await page.reload();
  await started(page);
  assert.doesNotMatch(await page.locator('#notice').textContent(), /Gelukt|link/);

  // Opened in the same tab, which loads nothing, and as a new page.
  const other = `${origin}/#invite=${SECRET.split('').reverse().join('')}`;
  for (const open of [() => page.goto(other), () => page.goto('about:blank').then(() => page.goto(other))]) {
    await open();
    await page.waitForFunction(() => /al aangemeld.*Deze link heb je niet nodig.*iemand anders/.test(document.getElementById('notice').textContent));
    await page.waitForFunction(() => location.hash === '');
    assert.equal(await membership(page), 'waiting_for_coach');
    assert.equal(await page.locator('#reset').isVisible(), false);
  }
  await context.close();
});

// A worker that says only this. What makes a device stop, and how, is tested with the real core (client-sdk/src/*_test.cpp).
function tells(...bodies) {
  const events = bodies.map(([type, body]) => {
    const builder = new api.Builder(256);
    builder.finish(new api.EventT(0n, type, body).pack(builder), 'STA1');
    return [...builder.asUint8Array()];
  });
  return `onmessage = ({ data }) => {
    if (data.kind === 'forget') postMessage({ kind: 'forgotten' });
    else for (const event of ${JSON.stringify(events)}) postMessage({ kind: 'event', event: Uint8Array.from(event) });
  };
  postMessage({ kind: 'connected' });`;
}
function statusOf(membership, fields = {}) {
  return [api.EventBody.Status, Object.assign(new api.StatusT(), { membership: api.Membership[membership] }, fields)];
}
function alarmOf(name) {
  return [api.EventBody.Alarm, Object.assign(new api.AlarmT(), { name })];
}

test('what is told while joining is true', async (t) => {
  t.after(() => { worker = null; });
  const { context, page } = await launch(newProfile());
  const { connecting, online } = api.Connection;
  for (const [said, expected] of [[statusOf('waiting_for_coach', { connection: connecting }), /^Even wachten. We maken verbinding.$/],
                                  [statusOf('waiting_for_coach', { connection: connecting, account: [1] }), /^Je bent aangemeld/],
                                  [statusOf('waiting_for_coach'), /^Geen verbinding/], [statusOf('ready', { connection: online }), /^$/]]) {
    worker = tells(said);
    await page.goto(`${origin}/`);
    await started(page);
    assert.match(await page.locator('#notice').textContent(), expected);
  }
  worker = tells(statusOf('ready', { connection: online }));
  await page.goto(`${origin}/?again#invite=${SECRET}`);
  await page.waitForFunction(() => /Je zit al in een gesprek met je coach. Deze link heb je niet nodig./.test(document.getElementById('notice').textContent));
  assert.equal(page.url(), `${origin}/?again`);
  await context.close();
});

test('where nothing can go on one may begin again, knowing what is lost, with the new link', async (t) => {
  t.after(() => { worker = null; });
  const { context, page } = await launch(newProfile());
  const { AlarmKind } = api;
  const channel = [api.EventBody.Channel, Object.assign(new api.ChannelT(), { id: [1], title: 'Noor', stop: AlarmKind.channel_failed })];
  const cases = [[statusOf('stopped', { stop: AlarmKind.rollback_detected })], [statusOf('stopped', { stop: AlarmKind.revoked_device })],
                 [statusOf('ready'), channel], [statusOf('ready'), alarmOf('head_key_changed')], [statusOf('ready'), alarmOf('wrong_organisation')]];
  for (const [at, said] of cases.entries()) {
    worker = tells(...said);
    await page.goto(`${origin}/?${at}`);
    await page.locator('#reset').waitFor({ state: 'visible' });
    assert.match(await page.locator('#reset-what').textContent(), /berichten op dit toestel gaan weg/);
    assert.equal(await page.locator('#notice').textContent(), '', 'no "Geen internet" beside the alarm');
    assert.match(await page.locator('#alarm').textContent(), /coach/);
  }
  // The gateway lost messages that are here still: not to be erased, and not a matter of internet.
  worker = tells(statusOf('ready'), alarmOf('gateway_behind'));
  await page.goto(`${origin}/?behind`);
  await page.waitForFunction(() => document.getElementById('alarm').textContent !== '');
  assert.equal(await page.locator('#reset').isVisible(), false);
  assert.equal(await page.locator('#notice').textContent(), '');

  worker = tells(...cases[0]);
  await page.goto(`${origin}/?new#invite=${SECRET}`);
  await page.waitForFunction(() => /Opnieuw beginnen/.test(document.getElementById('notice').textContent));
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.click('#reset'); // thought better of it
  assert.equal(await page.locator('#reset').isVisible(), true);
  worker = null; // what is erased is a device of nobody: the real worker
  page.once('dialog', (dialog) => { assert.match(dialog.message(), /komen niet terug/); void dialog.accept(); });
  await page.click('#reset');
  await page.locator('#join').waitFor({ state: 'visible' });
  assert.equal(await page.locator('#code-row').isVisible(), false);
  await new JongerePage(page).join('Sam');
  await page.waitForFunction(() => document.body.dataset.membership === 'waiting_for_coach');
  await context.close();
});

test('what the browser keeps on its disk: the link that was opened, but nothing that was typed', async () => {
  // The link route is the planted control: Chromium itself writes down the address that was opened, and no page can prevent it.
  const byLink = newProfile();
  {
    const { context, page } = await launch(byLink);
    await page.goto(`${origin}/#invite=${SECRET}`);
    await started(page);
    await context.close(); // writes what it still held back
  }
  const kept = findInProfile(byLink, SECRET);
  assert.ok(kept.some((place) => /History|Sessions/.test(place)), `the control was not found: ${kept}`);

  const typed = newProfile();
  const { context, page } = await launch(typed);
  await page.goto(`${origin}/`);
  await started(page);
  assert.equal(await page.locator('#link-stays').isVisible(), false);
  await page.fill('#code', SECRET);
  await page.fill('#name', 'PlantedTypedName');
  // The form of messages, as it is in a conversation: a draft must not get into the saved tabs either.
  await page.evaluate(() => { document.getElementById('chat').hidden = false; });
  await page.fill('#text', 'planted unsent draft');
  await page.evaluate(() => { window.dispatchEvent(new Event('blur')); });
  await page.goto(`${origin}/#elsewhere`); // a navigation makes the browser save the state of the forms that it leaves
  await page.click('#join button');
  await page.waitForFunction(() => document.body.dataset.membership !== 'none');
  await context.close();
  assert.ok(findInProfile(typed, origin).length > 0, 'the control was not found: the look itself is broken');
  for (const mark of [SECRET, 'PlantedTypedName', 'planted unsent draft']) assert.deepEqual(findInProfile(typed, mark), [], mark);
});

test('a typed code works where there is no link, and a wrong one is explained', async () => {
  const { context, page } = await launch(newProfile());
  await page.goto(`${origin}/`);
  await started(page);
  assert.equal(await page.locator('#code-row').isVisible(), true);
  await page.fill('#code', 'abcde-fghjk');
  await page.fill('#name', 'Sam');
  await page.click('#join button');
  await page.waitForFunction(() => document.getElementById('alarm').textContent !== '');
  assert.doesNotMatch(await page.locator('#alarm').textContent(), /invite_|undefined/);
  assert.equal(await membership(page), 'none');
  await page.fill('#code', 'abcde-fghjk mnpqr-stvwx');
  await page.click('#join button');
  await page.waitForFunction(() => document.body.dataset.membership !== 'none');
  await context.close();
});

test('what was joined is still joined after a kill, a reload and in the next tab', async () => {
  const profile = newProfile();
  let { page } = await launch(profile);
  await page.goto(`${origin}/#invite=${SECRET}`);
  await new JongerePage(page).join('Sam');
  await page.waitForFunction(() => document.body.dataset.membership !== undefined && document.body.dataset.membership !== 'none');
  const before = await membership(page);
  await killBrowser(profile);

  let context;
  ({ context, page } = await launch(profile));
  await page.goto(`${origin}/`);
  await started(page);
  assert.equal(await membership(page), before);
  await page.reload();
  await started(page);
  assert.equal(await membership(page), before);

  const second = await context.newPage();
  await second.goto(`${origin}/`);
  await started(second); // through the first
  assert.equal(await membership(second), before);
  await page.close();
  await second.reload(); // the lock is free: this tab has the store
  await started(second);
  assert.equal(await membership(second), before);
  await context.close();
});
