// The page of the jongere: opens the invite, joins, chats. Everything that matters happens in the worker; losing this page at any
// instant loses nothing.
import { SteigerClient, RequestFailed, api, hex, newMessageId, text, type Answer } from '../../wasm/src/client';
import { Conversation } from './conversation';
import { People } from './people';
import { currentLanguage, momentText, say, setLanguage } from './texts';

const PAGE_OF_MESSAGES = 50;
const HELP = ['help.112', 'help.113', 'help.veilig-thuis', 'help.kindertelefoon'];
// Errors after which nothing on this device can be read any more: beginning again is the only way on.
const LOST = new Set(['store_corrupt']);
// Alarms with which the gateway was turned away: nothing is exchanged with it, which is not the same as having no internet.
const TURNED_AWAY = new Set(['gateway_behind', 'head_key_changed', 'wrong_organisation', 'bad_login']);
// With this one the messages here may be the only ones left: no erasing.
const KEEP_MESSAGES = 'gateway_behind';

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found as T;
}
const notice = element('notice'), alarm = element('alarm');
const reset = element<HTMLButtonElement>('reset'), resetWhat = element('reset-what');
const joinForm = element<HTMLFormElement>('join'), code = element<HTMLInputElement>('code'), name = element<HTMLInputElement>('name');
const chat = element('chat'), title = element('title'), list = element('messages'), earlier = element<HTMLButtonElement>('earlier');
const writeForm = element<HTMLFormElement>('write'), draft = element<HTMLTextAreaElement>('text');
const channelSelect = element<HTMLSelectElement>('channels'), readReceipts = element<HTMLInputElement>('read-receipts');

// The secret of the invite leaves the address bar and the back button as soon as the worker has it on disk, encrypted (S3), and not
// before: until then a reload must not lose it, because a QR link can not be typed over. The browser itself keeps the link that was
// opened: Chromium writes it to its history, its top sites and its saved tabs before any code of ours runs, and no page can take it
// back. What that is worth to a finder: the secret is good for one proof, QR for 15 minutes, a link for 7 days and then only with
// the coach's yes. Who wants nothing to remain opens the page without a link and types the code (S4); tests/browser/page.test.mjs
// looks at both routes.
let invite = location.hash.length > 1 ? location.href : '';
let joinedHere = false; // this page asked to join: the invite is its own
let proved = false; // the gateway answered that it has our proof
let needless = false; // a link was opened where somebody is in already

let status: api.StatusT | null = null;
let current: { id: number[]; key: string; conversation: Conversation } | null = null;
const channels = new Map<string, api.ChannelT>();

const LANGUAGE = 'steiger-language'; // kept for this browser; says nothing about the person but this
try {
  if (localStorage.getItem(LANGUAGE) === 'en') setLanguage('en');
} catch {} // a browser without storage: the page will say that it cannot work

function fillTexts(): void {
  document.documentElement.lang = currentLanguage();
  for (const filled of document.querySelectorAll<HTMLElement>('[data-text]')) filled.textContent = say(filled.dataset['text']!);
  element('help').replaceChildren(...HELP.map((key) => {
    const item = document.createElement('li');
    item.textContent = say(key);
    return item;
  }));
}
fillTexts();

function gatewayUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/`;
}

// ---- what the worker tells

function heard(body: Answer): void {
  if (body instanceof api.StatusT) {
    showStatus(body);
  } else if (body instanceof api.ChannelT) {
    addChannels([body]);
  } else if (body instanceof api.ChannelListT) {
    addChannels(body.channels);
  } else if (body instanceof api.MessageT) {
    addMessages(hex(body.channel), [body]);
  } else if (body instanceof api.AlarmT) {
    if (TURNED_AWAY.has(text(body.name))) turnedAway = text(body.name);
    tell(`alarm.${text(body.name)}`);
    if (status) showStatus(status);
    // A message may have been dropped that was shown as waiting: what the store holds is what counts.
    if (current && hex(body.channel) === current.key) void open(current.key);
  } else if (body instanceof api.FailedT) {
    tell(`error.${text(body.name)}`); // of a request, or of something that failed later by itself
  } else {
    people.heard(body);
  }
}

let failed = false; // the worker is gone: what the status said counts no more

// What just happened, until the person goes on; beneath it what stays wrong as long as it is wrong.
let happened = '';
function tell(key: string): void {
  happened = key;
  showAlarm();
}
let turnedAway = ''; // until the gateway is trusted again
// Nothing will ever be written here again: the device is stopped, or every conversation is.
function isStopped(): boolean {
  return (status?.stop ?? api.AlarmKind.none) !== api.AlarmKind.none ||
    (channels.size > 0 && [...channels.values()].every(({ stop }) => stop !== api.AlarmKind.none));
}
function mayBeginAgain(): boolean {
  return isStopped() || (turnedAway !== '' && turnedAway !== KEEP_MESSAGES);
}
function waitsFor(channel: api.ChannelT | undefined): string {
  return channel?.restoring ? 'chat.restoring' : channel?.awaitsCoach ? 'chat.awaits_coach' : '';
}
function showAlarm(): void {
  const stopped = status?.stop || (current && channels.get(current.key)?.stop) || api.AlarmKind.none;
  const lasting = status?.storageFailing ? 'alarm.local_storage' : stopped !== api.AlarmKind.none ? `alarm.${api.AlarmKind[stopped]}` :
    turnedAway ? `alarm.${turnedAway}` : current ? waitsFor(channels.get(current.key)) : '';
  if (!failed) resetWhat.hidden = reset.hidden = !mayBeginAgain();
  const said = [happened, lasting].filter((key, i, all) => key !== '' && all.indexOf(key) === i).map((key) => say(key));
  if (alarm.textContent !== said.join(' ')) alarm.textContent = said.join(' '); // a reader of screens says every change
}

function showStatus(next: api.StatusT): void {
  const wasReady = status?.membership === api.Membership.ready;
  status = next;
  const { membership, connection } = next;
  if (connection === api.Connection.online) turnedAway = '';
  if (membership === api.Membership.none) {
    proved = needless = false;
  } else if (!mayBeginAgain()) { // who may begin again needs the link for that
    if (invite && !joinedHere) needless = true;
    if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  }
  joinForm.hidden = membership !== api.Membership.none;
  element('code-row').hidden = invite !== '';
  element('link-stays').hidden = invite === '';
  code.required = invite === '';
  readReceipts.checked = next.sendReadReceipts;
  document.body.dataset['membership'] = api.Membership[membership];
  document.body.dataset['connection'] = api.Connection[connection];
  if (membership === api.Membership.ready && !wasReady) {
    void ask(new api.ListChannelsT());
    void ask(new api.ListQuestionsT());
  }
  notice.textContent = [linkNotice(membership), noticeFor(next)].filter(Boolean).join(' ');
  showAlarm();
}

// About an invite link that was opened although this browser belongs to somebody already.
function linkNotice(membership: api.Membership): string {
  if (membership === api.Membership.none || !invite || joinedHere) return '';
  if (mayBeginAgain()) return say('link.begin-again');
  if (!needless) return '';
  return `${say(membership === api.Membership.ready ? 'link.needless' : 'link.needless-waiting')} ${say('link.other-person')}`;
}

function noticeFor({ membership, connection, account }: api.StatusT): string {
  if (membership === api.Membership.none || isStopped() || turnedAway) return ''; // the alarm says what is wrong
  if (connection === api.Connection.offline) return say(membership === api.Membership.ready ? 'notice.offline' : 'notice.trying');
  if (membership === api.Membership.waiting_for_coach) {
    // Online is only who is in. Until then: our proof is at the gateway when it answered the join; after a reload nobody asks
    // again, and an account says that the invite was answered and the proof made.
    if (proved) return say('notice.waiting');
    return say(joinedHere || account.length === 0 ? 'notice.joining' : 'notice.signed-up');
  }
  if (membership === api.Membership.waiting_for_certificate) return say('notice.certificate');
  return connection === api.Connection.connecting ? say('notice.connecting') : '';
}

function addChannels(more: api.ChannelT[]): void {
  for (const channel of more) channels.set(hex(channel.id), channel);
  channelSelect.replaceChildren(...[...channels].map(([key, channel]) => new Option(text(channel.title) || say('chat.other'), key)));
  element('channel-row').hidden = channels.size < 2;
  const first = channels.keys().next();
  if (!current && !first.done) void open(first.value);
  if (current) {
    channelSelect.value = current.key;
    title.textContent = text(channels.get(current.key)?.title ?? null) || say('chat.other');
    people.show(channels.get(current.key) ?? null);
  }
  if (status) showStatus(status); // whether one may begin again depends on the conversations
  else showAlarm();
}

async function open(key: string): Promise<void> {
  const channel = channels.get(key);
  if (!channel) return;
  current = { id: channel.id, key, conversation: new Conversation() };
  chat.hidden = false;
  people.show(channel);
  await fetchMessages(0n);
}

async function fetchMessages(before: bigint): Promise<void> {
  const opened = current;
  if (!opened) return;
  const answer = await ask(new api.ListMessagesT(opened.id, before, PAGE_OF_MESSAGES));
  if (!(answer instanceof api.MessageListT) || current !== opened) return;
  opened.conversation.moreBefore = answer.more;
  addMessages(opened.key, answer.messages);
  render();
}

function addMessages(channel: string, messages: api.MessageT[]): void {
  if (!current || current.key !== channel) return;
  let changed = false;
  for (const message of messages) changed = current.conversation.put(message) || changed;
  if (changed) render();
}

// ---- what is shown

// S13: nobody keeps it for who was away too long; the same words go once more, as a new message.
function againButton(seq: bigint): HTMLButtonElement {
  const again = document.createElement('button');
  again.type = 'button';
  again.textContent = say('chat.again');
  again.addEventListener('click', () => {
    if (!current) return;
    again.disabled = true;
    void ask(new api.SendAgainT(current.id, seq, newMessageId()));
  });
  return again;
}

function render(): void {
  if (!current) return;
  earlier.hidden = !current.conversation.moreBefore;
  list.replaceChildren(...current.conversation.ordered.map((message) => {
    const item = document.createElement('li');
    item.dataset['id'] = message.id;
    item.dataset['seq'] = String(message.seq);
    item.dataset['state'] = api.MessageState[message.state];
    const who = document.createElement('strong');
    who.textContent = message.mine ? say('chat.me') : message.sender || say('chat.other');
    const what = document.createElement('p'); // textContent only: nothing that somebody wrote becomes markup
    what.textContent = message.text;
    const when = document.createElement('small');
    when.textContent = [momentText(message.createdMs), message.mine ? say(`state.${api.MessageState[message.state]}`) : ''].filter(Boolean).join(' · ');
    item.append(who, what, when);
    if (message.mine && message.state === api.MessageState.undelivered) item.append(againButton(message.seq));
    return item;
  }));
  list.lastElementChild?.scrollIntoView({ block: 'nearest' });
  markRead();
}

let marked = 0n;
// Only what was in view of a person; whether the other side hears of it is the person's own setting (C6).
function markRead(): void {
  if (!current || document.visibilityState !== 'visible') return;
  const upTo = current.conversation.lastReceivedSeq;
  if (upTo <= marked) return;
  marked = upTo;
  void ask(new api.MarkReadT(current.id, upTo));
}

// ---- what the person does

async function ask(body: Parameters<SteigerClient['request']>[0]): Promise<Answer | null> {
  try {
    return await client.request(body);
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error;
    return null; // heard() has shown why
  }
}

joinForm.addEventListener('submit', (event) => {
  event.preventDefault();
  void (async () => {
    const button = joinForm.querySelector('button')!;
    tell('');
    joinedHere = true;
    button.disabled = true; // one proof per invite: a second tap would be a second proof (S3)
    const answer = await ask(new api.JoinT(invite || code.value, name.value.trim(), gatewayUrl()));
    button.disabled = false;
    if (answer) {
      invite = '';
      proved = true;
    } else if (status?.membership === api.Membership.none) {
      joinedHere = false;
    }
    if (status) showStatus(status);
  })();
});

writeForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const written = draft.value.trim();
  if (!current || !written) return;
  draft.value = '';
  if (needless) { // said and read
    needless = false;
    invite = '';
  }
  tell('');
  if (status) showStatus(status);
  void ask(new api.SendTextT(current.id, written, newMessageId())).then((answer) => {
    if (!answer && !draft.value) draft.value = written; // refused: nothing that was written is lost
  });
});
draft.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    writeForm.requestSubmit();
  }
});
earlier.addEventListener('click', () => { if (current) void fetchMessages(current.conversation.firstSeq); });
channelSelect.addEventListener('change', () => { marked = 0n; void open(channelSelect.value); });
readReceipts.addEventListener('change', () => { void ask(new api.ChangeSettingsT(readReceipts.checked)); });
document.addEventListener('visibilitychange', markRead);
reset.addEventListener('click', () => {
  // What can still be read is not erased by one tap.
  if (failed || confirm(say('reset.what'))) client.forget();
});
// A link that is opened in this very tab loads nothing.
window.addEventListener('hashchange', () => {
  if (!location.hash.includes('invite=')) return;
  invite = location.href;
  joinedHere = false;
  if (status) showStatus(status);
});
element('language').addEventListener('click', () => {
  setLanguage(currentLanguage() === 'nl' ? 'en' : 'nl');
  localStorage.setItem(LANGUAGE, currentLanguage());
  fillTexts();
  if (status) showStatus(status);
  addChannels([]);
  people.render();
  render();
});

// ---- start

const people = new People(element('questions'), element('members'), element('happened'), ask, (line) => confirm(line));
const supported = 'locks' in navigator && 'storage' in navigator && 'getDirectory' in navigator.storage && isSecureContext;
const client = new SteigerClient(new Worker('worker.js', { type: 'module' }), {
  event: heard,
  // At the start, and again when another tab took over: what is shown here may have missed something.
  connected: () => {
    failed = false;
    reset.hidden = resetWhat.hidden = true;
    void ask(new api.GetStatusT());
    if (!current) return;
    chat.hidden = false;
    void ask(new api.ListChannelsT());
    void ask(new api.ListQuestionsT());
    void fetchMessages(0n);
  },
  opening: () => { notice.textContent = say('notice.opening'); },
  elsewhere: () => { notice.textContent = say('notice.elsewhere'); },
  fatal: (error, detail) => {
    console.error('steiger', error, detail);
    failed = true;
    notice.textContent = '';
    if (supported) tell(`error.${error}`);
    else alarm.textContent = say('notice.unsupported');
    reset.hidden = !LOST.has(error);
    resetWhat.hidden = true;
    chat.hidden = joinForm.hidden = true;
  },
  forgotten: () => {
    if (invite) history.replaceState(null, '', invite); // the new link with which somebody begins again
    location.reload();
  },
});
// Asks the browser not to evict the store when disk runs short; a no changes nothing else.
void navigator.storage?.persist?.();
