// The main job in a browser: a coach at the command line and a jongere at the page, with the gateway and the whole browser killed
// (SIGKILL) in between. Afterwards both sides hold the same messages in the same order, each once.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { JongerePage, killBrowser, launch } from './chromium.mjs';
import { World } from './programs.mjs';

const SENT = ['accepted', 'delivered', 'read'];
const profile = mkdtempSync(join(tmpdir(), 'steiger-profile-'));
let world, context;
after(async () => {
  await context?.close().catch(() => undefined);
  world?.end();
  rmSync(profile, { recursive: true, force: true });
});

test('coach and jongere chat, over a killed gateway and a killed browser', { timeout: 240_000 }, async () => {
  world = await World.make('Noor');
  let page;
  ({ context, page } = await launch(profile));
  let sam = new JongerePage(page);

  const { link, joined } = await world.invite('Sam');
  await sam.open(link);
  await sam.join('Sam');
  assert.equal(await joined, 0, 'the coach hears that Sam joined');
  await sam.ready();
  assert.ok(!page.url().includes('#'), 'the secret left the address bar');

  world.steiger(['send', 'Hoi Sam']);
  await sam.shows('Hoi Sam');
  await sam.send('Hoi Noor <b>niet vet</b>'); // stays text
  await sam.shows('Hoi Noor <b>niet vet</b>', SENT);

  await world.killGateway();
  await sam.send('geschreven zonder gateway');
  await sam.shows('geschreven zonder gateway', ['waiting']);
  await world.startGateway();
  await sam.shows('geschreven zonder gateway', SENT);

  // Ten messages, and the browser dies while they are on their way: what was shown as written is written.
  for (let i = 0; i < 10; ++i) await sam.send(`regel ${i}`);
  await sam.shows('regel 9');
  await killBrowser(profile);
  world.steiger(['send', 'Ben je er nog?']);
  ({ context, page } = await launch(profile));
  sam = new JongerePage(page);
  await sam.open(world.pageUrl);
  await sam.ready();
  await sam.shows('Ben je er nog?');
  await sam.send('Ja');
  await sam.shows('Ja', SENT);

  await page.reload();
  await sam.ready();
  await sam.shows('Ja', SENT);
  const onPage = (await sam.messages()).map(({ text, seq }) => `${seq} ${text}`);
  world.steiger(['receive']);
  const atCoach = world.history().map(({ text, seq }) => `${seq} ${text}`);
  assert.deepEqual(onPage, atCoach);
  assert.equal(new Set(onPage).size, onPage.length);
  for (let i = 0; i < 10; ++i) assert.equal(onPage.filter((line) => line.endsWith(` regel ${i}`)).length, 1, `regel ${i}`);
  assert.equal(await sam.alarm(), '');
});

test('who waits for the coach is told so, truly: connected, without gateway, and after a reload', { timeout: 60_000 }, async (t) => {
  const other = mkdtempSync(join(tmpdir(), 'steiger-profile-'));
  const { context: browser, page } = await launch(other);
  t.after(async () => {
    await browser.close();
    rmSync(other, { recursive: true, force: true });
  });
  const said = world.steiger(['invite', '--link', '--label', 'Mo', '--page', world.pageUrl, '--no-wait']);
  const { url } = said.find(({ body_type, body }) => body_type === 'Invite' && body.url).body;
  const tells = (text) => page.waitForFunction((wanted) => document.getElementById('notice').textContent.includes(wanted), text);
  const mo = new JongerePage(page);
  await mo.open(url);
  await mo.join('Mo');
  await tells('Gelukt. Je coach kan nu zien dat je er bent.');
  await page.reload();
  await tells('Je bent aangemeld.');
  await world.killGateway();
  await tells('Geen verbinding.');
  await world.startGateway();
  await tells('Je bent aangemeld.');
});
