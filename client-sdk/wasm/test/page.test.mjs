// What the page shows and says, without a browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Conversation, api, catalogues, decodeEffects, decodeEvent, encodeRequest, keyFor, memberLine, noticeLine, questionLines, say,
         setLanguage } from '../../../build/web/test/page.mjs';

const folder = new URL('../../apps/web/', import.meta.url);

const { nl, en } = catalogues;
const source = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('every text that the page asks for exists', () => {
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const app = ['app.ts', 'people.ts'].map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const keys = [...html.matchAll(/data-text="([^"]+)"/g), ...app.matchAll(/say\('([a-z0-9.-]+)'[,)]/g)].map(([, key]) => key);
  assert.ok(keys.length > 15);
  assert.deepEqual(keys.filter((key) => !(key in nl)), []);
  for (const state of ['waiting', 'accepted', 'delivered', 'read', 'failed']) assert.ok(`state.${state}` in nl, state);
});

test('both languages have the same texts', () => {
  assert.deepEqual(Object.keys(en), Object.keys(nl));
  const values = (said) => [...said.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(nl)) assert.deepEqual([...new Set(values(en[key]))], [...new Set(values(nl[key]))], key);
});

test('sentences are short (A2: at most 15 words)', () => {
  for (const [key, text] of Object.entries({ ...nl, ...Object.fromEntries(Object.entries(en).map(([k, v]) => [`en ${k}`, v])) })) {
    for (const sentence of text.split(/(?<=[.?!])\s/)) assert.ok(sentence.split(/\s+/).length <= 15, `${key}: ${sentence}`);
  }
});

// Every error that client and gateway can name, from the very declarations, and every kind of alarm of the schema.
test('every error that can reach the page has a text, and every alarm one of its own', () => {
  const files = ['client-sdk/src/errors.h', 'client-sdk/wasm/errors.h', 'gateway/protocol/errors.h'];
  const names = files.flatMap((file) => [...source(file).matchAll(/inline constexpr Error k\w+\{\s*\d+,\s*"(\w+)"/g)].map(([, name]) => name));
  const invites = [...source('crypto/identity/errors.h').matchAll(/"((?:invite|inviter|bad_redeem)\w+)"/g)].map(([, name]) => name);
  assert.ok(names.length > 80 && invites.length > 4, `${names.length} ${invites.length}: the declarations are written otherwise now`);
  assert.deepEqual([...new Set([...names, ...invites])].filter((name) => keyFor(`error.${name}`) === null), []);
  const kinds = Object.values(api.AlarmKind).filter((kind) => typeof kind === 'string' && kind !== 'none');
  assert.ok(kinds.length > 15);
  assert.deepEqual(kinds.filter((kind) => !(`alarm.${kind}` in nl)), []);
  assert.equal(new Set(kinds.map((kind) => nl[`alarm.${kind}`])).size, kinds.length);
  // Each says what to do and whom to ask.
  for (const kind of kinds) assert.match(nl[`alarm.${kind}`], /coach|Maak ruimte/, kind);
});

test('that messages can be proven later is said where one joins (S16)', () => {
  const html = readFileSync(new URL('index.html', folder), 'utf8');
  const join = html.slice(html.indexOf('id="join"'), html.indexOf('</form>'));
  assert.match(join, /<p data-text="join.proof"><\/p>/); // not hidden
  assert.match(nl['join.proof'], /later te bewijzen/);
  assert.match(en['join.proof'], /proven later/);
});

// S8: somebody else may read along, with the jongere's yes; a promise that only two people read would be false.
test('no text promises that only two people read', () => {
  const promise = /alleen (jij|jullie)\b|jullie twee|jij en je coach kunnen|only you\b|(the )?two of you|you and your coach can\b/i;
  for (const [key, text] of [...Object.entries(nl), ...Object.entries(en)]) assert.doesNotMatch(text, promise, key);
  assert.match(nl['join.what'], /wie in het gesprek zit.*Je ziet altijd wie/);
  assert.match(en['join.what'], /people in the conversation.*You always see who/);
});

test('an unknown error says its name, in the language of the page', () => {
  assert.match(say('error.something_new'), /mis \(something_new\)/);
  assert.match(say('alarm.something_new'), /something_new/);
  setLanguage('en');
  assert.match(say('error.something_new'), /wrong \(something_new\)/);
  assert.equal(say('error.revoked_device'), en['alarm.revoked_device']); // an alarm can also be an answer
  setLanguage('nl');
});

// S8, S10: the person hears who, why and until when, that no is fine, and whom to ask; nothing else is needed to decide.
test('a question says all that one needs to decide, and that no is fine', () => {
  const until = BigInt(Date.UTC(2027, 3, 1)); // the end of 31 March
  const letIn = new api.QuestionT([1], api.QuestionKind.let_in, [9], [3], 'Bea van Schuldhulp', api.Role.other, api.Reason.debts, until);
  const said = questionLines(letIn);
  assert.equal(said[0], 'Mag Bea van Schuldhulp meelezen?');
  assert.match(said.join(' '), /schulden\. .*31 maart 2027.*Nee is ook goed.*Bel je coach/);
  assert.match(questionLines(new api.QuestionT([1], api.QuestionKind.handover, [9], [3])).join(' '), /Nee is ook goed.*Bel je coach/);
  assert.deepEqual(questionLines(new api.QuestionT([1], api.QuestionKind.new_key)), []); // a coach answers that elsewhere
  for (const reason of Object.values(api.Reason).filter((name) => typeof name === 'string' && !['reminders', 'policy'].includes(name))) {
    assert.ok(`reason.${reason}` in nl, reason);
  }
});

test('who is in the room and what happened reads as a sentence', () => {
  const member = (fields) => Object.assign(new api.MemberT(), { name: 'Noor', role: api.Role.coach }, fields);
  assert.equal(memberLine(member({ devices: 2 })), 'Noor · je coach · 2 toestellen');
  assert.equal(memberLine(member({ name: 'Bea', role: api.Role.other, devices: 1, untilMs: BigInt(Date.UTC(2027, 3, 1)) })),
               'Bea · leest mee · tot en met 31 maart 2027');
  for (const kind of Object.values(api.NoticeKind).filter((name) => typeof name === 'string')) assert.ok(`happened.${kind}` in nl, kind);
  const notice = Object.assign(new api.NoticeT(), { kind: api.NoticeKind.new_device, name: 'Noor', whenMs: 0n });
  assert.match(noticeLine(notice), / · Noor heeft een nieuw toestel\.$/);
});

function message(id, seq, state = api.MessageState.received, createdMs = 0n) {
  return new api.MessageT([id], [9], BigInt(seq), [1], 'Noor', false, `text ${id}`, createdMs, 0n, state, false);
}

test('messages stand at their place in the channel, waiting ones at the end, each once', () => {
  const conversation = new Conversation();
  const waiting = api.MessageState.waiting;
  for (const each of [message(5, 0, waiting, 20n), message(4, 0, waiting, 10n), message(2, 2), message(1, 1), message(2, 2)]) {
    conversation.put(each);
  }
  assert.deepEqual(conversation.ordered.map(({ id }) => id), ['01', '02', '04', '05']);
  assert.equal(conversation.put(message(4, 3, api.MessageState.accepted, 10n)), true);
  assert.equal(conversation.put(message(4, 3, api.MessageState.accepted, 10n)), false);
  assert.deepEqual(conversation.ordered.map(({ id }) => id), ['01', '02', '04', '05']);
  assert.equal(conversation.ordered[2].state, api.MessageState.accepted);
});

test('nobody takes the line of a message that is shown', () => {
  const conversation = new Conversation();
  const own = new api.MessageT([1], [9], 0n, [1], 'Sam', true, 'mine', 5n, 0n, api.MessageState.waiting, false);
  conversation.put(own);
  conversation.put(message(2, 3));
  const forged = (id, seq, words, mine) => new api.MessageT([id], [9], seq, [2], 'Mo', mine, words, 6n, 0n, api.MessageState.received, false);
  assert.equal(conversation.put(forged(1, 4n, 'mine', false)), false);
  assert.equal(conversation.put(forged(1, 4n, 'not mine', true)), false);
  assert.equal(conversation.put(forged(2, 4n, 'text 2', false)), false);
  assert.deepEqual(conversation.ordered.map(({ text, seq }) => `${seq} ${text}`), ['3 text 2', '0 mine']);
  assert.equal(conversation.put(forged(1, 4n, 'mine', true)), true);
});

test('requests and events cross the schema', () => {
  const bytes = encodeRequest(7n, new api.JoinT('link', 'Sam', 'ws://x/'));
  assert.equal(new TextDecoder().decode(bytes.subarray(4, 8)), 'STA1'); // the core refuses a request without it
  const request = api.Request.getRootAsRequest(new api.ByteBuffer(bytes)).unpack();
  assert.equal(request.id, 7n);
  assert.deepEqual(request.body, new api.JoinT('link', 'Sam', 'ws://x/'));
  const builder = new api.Builder();
  builder.finish(new api.EventT(7n, api.EventBody.Done, new api.DoneT()).pack(builder));
  assert.deepEqual(decodeEvent(builder.asUint8Array()), { request: 7n, body: new api.DoneT() });
  for (const nonsense of [new Uint8Array(0), new Uint8Array(4), Uint8Array.of(255, 255, 255, 255, 1)]) assert.equal(decodeEvent(nonsense), null);
});

test('effects are read as effects.h writes them (the same bytes as in batch_test.cpp)', () => {
  const hex = '010700000077733a2f2f782f' + '02' + '0302000000aabb' + '040700000000000000' + '0600000001016b010176' + '0c00000001096d6573736167652f6300' + '01' +
    '050807060504030201' + '0601000000cc';
  const effects = decodeEffects(Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16)));
  assert.deepEqual(effects, [
    { kind: 'connect', url: 'ws://x/' }, { kind: 'disconnect' }, { kind: 'send', frame: Uint8Array.of(0xaa, 0xbb) },
    { kind: 'commit', token: 7, head: Uint8Array.of(1, 1, 0x6b, 1, 1, 0x76),
      history: Uint8Array.of(1, 9, ...new TextEncoder().encode('message/c'), 0), forgets: true }, { kind: 'timer', at: Number(0x0102030405060708n) },
    { kind: 'event', event: Uint8Array.of(0xcc) },
  ]);
});
