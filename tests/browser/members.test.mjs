// Who reads along, decided at the page (S8): the jongere is asked, says yes, sees it, and takes the person out again.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { JongerePage, launch } from './chromium.mjs';
import { World } from './programs.mjs';

const PHONE = { width: 360, height: 740 };
const PATIENCE = 60_000;
const profile = mkdtempSync(join(tmpdir(), 'steiger-profile-'));
let world, context;
after(async () => {
  await context?.close().catch(() => undefined);
  world?.end();
  rmSync(profile, { recursive: true, force: true });
});

function inTwoMonths() {
  return new Date(Date.now() + 60 * 24 * 3600 * 1000).toISOString().slice(0, 10);
}

test('the jongere decides who reads along', { timeout: 240_000 }, async () => {
  world = await World.make('Noor');
  let page;
  ({ context, page } = await launch(profile));
  await page.setViewportSize(PHONE);
  const sam = new JongerePage(page);
  const { link, joined } = await world.invite('Sam');
  await sam.open(link);
  await sam.join('Sam');
  assert.equal(await joined, 0);
  await sam.ready();

  // Bea redeems; Noor's device asks Sam.
  const [made] = world.steiger(['invite', '--qr', '--reading-along', '--label', 'Bea van Schuldhulp', '--until', inTwoMonths(), '--reason', 'debts',
                                '--no-wait', '--page', world.pageUrl]).filter(({ body_type }) => body_type === 'Invite');
  const beaIsIn = world.startAt('bea', ['join', '-', '--name', 'Bea'], `${made.body.url}\n`);
  const card = page.locator('.question');
  await until(['coach'], async () => await card.count() === 1);
  const asked = await card.innerText();
  assert.match(asked, /Mag Bea van Schuldhulp meelezen\?/);
  assert.match(asked, /schulden/);
  assert.match(asked, /Nee is ook goed/);
  assert.equal(await card.getAttribute('aria-labelledby'), await card.locator('h3').getAttribute('id'));
  // Nothing is wider than the phone, and both answers can be reached.
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  for (const answer of ['yes', 'no']) assert.equal(await card.locator(`button[data-answer=${answer}]`).isEnabled(), true, answer);
  if (process.env.STEIGER_SCREENSHOTS) await page.screenshot({ path: join(process.env.STEIGER_SCREENSHOTS, 'question.png'), fullPage: true });

  await card.locator('button[data-answer=yes]').click();
  await page.getByText('Je zei ja.').waitFor({ timeout: PATIENCE });
  await page.locator('#people summary').click();
  const members = page.locator('#members > li');
  await until(['coach'], async () => await members.count() === 3);
  assert.equal(await beaIsIn, 0);
  assert.match(await members.filter({ hasText: 'Bea' }).innerText(), /leest mee · tot en met/);
  await sam.send('Dag Bea');
  await sam.shows('Dag Bea', ['accepted', 'delivered', 'read']);
  assert.ok(texts('bea').includes('Dag Bea'));
  if (process.env.STEIGER_SCREENSHOTS) await page.screenshot({ path: join(process.env.STEIGER_SCREENSHOTS, 'people.png'), fullPage: true });

  // And out again.
  page.once('dialog', (dialog) => dialog.accept());
  await members.filter({ hasText: 'Bea' }).locator('button').click();
  await until(['bea', 'coach'], async () => await members.count() === 2);
  await page.getByText('is weg uit dit gesprek').waitFor({ timeout: PATIENCE });
  await sam.send('Onder ons');
  await sam.shows('Onder ons', ['accepted', 'delivered', 'read']);
  assert.ok(!texts('bea').includes('Onder ons'));
});

// Lets the devices at the terminal fetch and answer until the page shows it.
async function until(devices, condition) {
  const end = Date.now() + PATIENCE;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not shown: ${condition}`);
    for (const device of devices) world.steigerAt(device, ['receive']);
  }
}

// What this device shows after fetching.
function texts(device) {
  world.steigerAt(device, ['receive']);
  return world.steigerAt(device, ['history']).filter(({ body_type }) => body_type === 'Message').map(({ body }) => body.text);
}
