// Tabs that share a device: what they say to each other, and what they do with what they do not understand.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Follower, Owner, PATIENCE_MS, SteigerClient, api, decodeEvent, readTabMessage } from '../../../build/web/test/page.mjs';

const settle = () => new Promise((resolve) => setImmediate(resolve));

// Tabs on one channel: what one posts all others hear, like a BroadcastChannel.
class Channel {
  members = new Set();
  join(hear) {
    const member = { hear };
    this.members.add(member);
    return { post: (message) => { for (const each of this.members) if (each !== member) each.hear(structuredClone(message)); },
             leave: () => this.members.delete(member) };
  }
}
function follower(channel) {
  const said = [];
  const { post, leave } = channel.join((message) => follower.hear(message));
  const follower = new Follower(post, (message) => said.push(message));
  follower.start();
  return { follower, said, leave, kinds: () => said.map(({ kind }) => kind) };
}
function owner(channel) {
  const said = [], requests = [];
  const { post, leave } = channel.join((message) => owner.hear(message));
  const owner = new Owner(post, (message) => said.push(message), () => said.push({ kind: 'forget asked' }));
  return { owner, said, requests, leave, ready: () => owner.ready((request) => requests.push(...request)), kinds: () => said.map(({ kind }) => kind) };
}

test('a tab without the lock talks through the owner', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const channel = new Channel(), first = owner(channel);
  const second = follower(channel);
  second.follower.request(Uint8Array.of(1)); // the owner is still opening: asked again when connected
  assert.deepEqual(first.requests, []);
  first.ready();
  assert.deepEqual(second.kinds(), ['connected']);
  second.follower.request(Uint8Array.of(2));
  first.owner.request(Uint8Array.of(3));
  assert.deepEqual(first.requests, [2, 3]);
  first.owner.event(Uint8Array.of(9));
  assert.deepEqual(second.said.at(-1), { kind: 'event', event: Uint8Array.of(9) });
  assert.deepEqual(first.said.at(-1), { kind: 'event', event: Uint8Array.of(9) });
  const third = follower(channel); // comes later
  assert.deepEqual(third.kinds(), ['connected']);
});

test('an owner that does not answer is said, and found again when it wakes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const channel = new Channel(), first = owner(channel);
  first.ready();
  const second = follower(channel);
  first.leave(); // asleep
  second.follower.request(Uint8Array.of(1));
  t.mock.timers.tick(PATIENCE_MS - 1);
  assert.deepEqual(second.kinds(), ['connected']);
  t.mock.timers.tick(1);
  assert.deepEqual(second.kinds(), ['connected', 'elsewhere']);
  const again = owner(channel);
  again.ready();
  assert.deepEqual(second.kinds(), ['connected', 'elsewhere', 'connected']);
  t.mock.timers.tick(10 * PATIENCE_MS);
  assert.equal(second.kinds().at(-1), 'connected', 'nothing is waited for any more');
});

test('another version of the page, and nonsense, are neither understood nor fatal', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const nonsense = [undefined, null, 7, 'owner', [], {}, { kind: 'owner' }, { protocol: '1', kind: 'owner' }, { protocol: 1 },
                    { protocol: 1, kind: 'request' }, { protocol: 1, kind: 'request', request: 'x' }, { protocol: 1, kind: 'request', request: [1] },
                    { protocol: 1, kind: 'request', request: new Uint8Array(2 ** 20 + 1) }, { protocol: 1, kind: 'event', event: null },
                    { protocol: 1, kind: 'fatal', name: 1, detail: '' }, { protocol: 1, kind: 'fatal', name: 'x'.repeat(2000), detail: '' },
                    { protocol: 1, kind: 'later_kind' }, { protocol: 1, kind: 'forget\0' }];
  for (const message of nonsense) assert.equal(readTabMessage(message), null, JSON.stringify(message)?.slice(0, 80));
  assert.equal(readTabMessage({ protocol: 2, kind: 'owner' }), 'other version');

  const channel = new Channel(), first = owner(channel), second = follower(channel);
  first.ready();
  const stranger = [];
  const { post } = channel.join((message) => stranger.push(message));
  for (const message of nonsense) post(message);
  assert.deepEqual([first.requests, first.kinds(), second.kinds(), stranger], [[], ['connected'], ['connected'], []]);
  post({ protocol: 2, kind: 'hello' }); // a newer tab asks: it learns our number
  assert.deepEqual(stranger, [{ protocol: 1, kind: 'owner' }]);
  assert.ok(!second.kinds().includes('elsewhere'), 'it has an owner that it understands');
  first.leave();
  const lost = follower(channel);
  post({ protocol: 2, kind: 'owner' });
  assert.equal(lost.kinds().at(-1), 'elsewhere');
  lost.follower.request(Uint8Array.of(1));
  assert.ok(!stranger.some(({ kind }) => kind === 'request'), 'nothing is handed to a tab of another version');
});

test('what is fatal reaches every tab, also one that comes later; a working store is not erased for another tab', () => {
  const channel = new Channel(), first = owner(channel), second = follower(channel);
  first.ready();
  second.follower.forget();
  assert.ok(!first.kinds().includes('forget asked'));
  assert.equal(second.kinds().at(-1), 'elsewhere'); // the person is told where it can be done
  first.owner.fatal('store_corrupt', 'x'.repeat(5000));
  const third = follower(channel);
  for (const tab of [second, third]) assert.equal(tab.said.at(-1).name, 'store_corrupt');
  third.follower.forget();
  assert.ok(first.kinds().includes('forget asked'));
  first.owner.forgotten();
  for (const tab of [first, second, third]) assert.equal(tab.kinds().at(-1), 'forgotten');
  for (const tab of [second, third]) tab.follower.stop();
});

// ---- the page's side

function client() {
  const heard = [], asked = [];
  const worker = { postMessage: (message) => asked.push(message) };
  const listener = Object.fromEntries(['event', 'connected', 'opening', 'elsewhere', 'fatal', 'forgotten'].map((name) => [name, (body) => heard.push([name, body])]));
  const client = new SteigerClient(worker, listener);
  return { client, heard, asked, tell: (data) => worker.onmessage({ data }) };
}
const idOf = ({ request }) => api.Request.getRootAsRequest(new api.ByteBuffer(request)).id();
function event(request, type, body) {
  const builder = new api.Builder();
  builder.finish(new api.EventT(request, type, body).pack(builder));
  const bytes = builder.asUint8Array().slice();
  assert.ok(decodeEvent(bytes));
  return { kind: 'event', event: bytes };
}

test('what has no answer is asked again, with the same bytes, until it has one', async () => {
  const { client: page, asked, tell } = client();
  let answered = 0;
  void page.request(new api.GetStatusT()).then(() => ++answered);
  void page.request(new api.SendTextT([1], 'hoi', [7])).then(() => ++answered);
  tell({ kind: 'connected' });
  assert.deepEqual(asked.slice(2), asked.slice(0, 2));
  tell(event(idOf(asked[0]), api.EventBody.Status, new api.StatusT()));
  await settle();
  assert.equal(answered, 1);
  tell({ kind: 'connected' });
  assert.equal(asked.length, 5);
  assert.equal(idOf(asked[4]), idOf(asked[1]));
});

test('answers to other tabs are no news, but what they changed is', async () => {
  const { client: page, heard, asked, tell } = client();
  const other = client();
  void page.request(new api.GetStatusT());
  void other.client.request(new api.GetStatusT());
  const foreign = idOf(other.asked[0]);
  assert.notEqual(foreign, idOf(asked[0]));
  tell(event(foreign, api.EventBody.Failed, new api.FailedT(1, 'text_empty')));
  tell(event(foreign, api.EventBody.MessageList, new api.MessageListT([1])));
  assert.deepEqual(heard, []);
  tell(event(foreign, api.EventBody.Message, new api.MessageT([1], [2])));
  tell(event(0n, api.EventBody.Failed, new api.FailedT(1, 'invite_used')));
  assert.deepEqual(heard.map(([name]) => name), ['event', 'event']);
  await settle();
  mock.reset();
});
