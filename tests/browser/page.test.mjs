// The page in Chromium without a gateway behind it: what becomes of the secret, tabs side by side, nothing lost to a kill.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { JongerePage, killBrowser, launch } from './chromium.mjs';
import { filesBelow, findInProfile } from './profile_search.mjs';

const SITE = new URL('../../build/web/site/', import.meta.url).pathname;
// Not in the order of the alphabet, which stands in the program itself.
const SECRET = 'QK7M2XWVA9PDTR4HGZ3B';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };

let server, origin, seen = [];
const profiles = [];
before(async () => {
  server = createServer((request, response) => {
    seen.push(request.url);
    const path = new URL(request.url, 'http://x').pathname;
    try {
      const body = readFileSync(join(SITE, path === '/' ? 'index.html' : path));
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
  assert.equal(page.url(), `${origin}/`);
  assert.equal(await page.evaluate(() => history.length), 2, 'about:blank and the page: no entry with the secret to go back to');
  assert.equal(await page.locator('#join').isVisible(), true);
  assert.equal(await page.locator('#code-row').isVisible(), false);
  assert.equal(await page.locator('#link-stays').isVisible(), true); // the person is told what the browser keeps
  await jongere.join('STEIGERPLANTEDNAME');
  await page.waitForFunction(() => document.body.dataset.membership !== 'none');
  assert.equal(await page.locator('#join').isVisible(), false);
  assert.deepEqual(seen.filter((url) => url.includes(SECRET)), []);
  await context.close();
  // What the worker stored is encrypted; the control is the page's own address, which a browser does keep.
  const stored = filesBelow(profile).map((path) => readFileSync(path).toString('latin1'));
  assert.ok(stored.some((content) => content.includes('127.0.0.1')), 'the control was not found: the look itself is broken');
  assert.ok(stored.some((content) => content.startsWith('STGRHED1')), 'the store was not found');
  const own = stored.filter((content) => content.startsWith('STGRHED1'));
  for (const mark of ['STEIGERPLANTEDNAME', SECRET]) assert.ok(!own.some((content) => content.includes(mark)), mark);
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
