// The page of the jongere: opens the invite, joins, chats. Everything that matters happens in the worker; losing this page at any
// instant loses nothing.
import { SteigerClient, RequestFailed, api, hex, newMessageId, text, type Answer } from '../../wasm/src/client';
import { Conversation } from './conversation';
import { currentLanguage, say, setLanguage } from './texts';

const PAGE_OF_MESSAGES = 50;
const HELP = ['help.112', 'help.113', 'help.veilig-thuis', 'help.kindertelefoon'];
// Errors after which nothing on this device can be read any more: beginning again is the only way on.
const LOST = new Set(['store_corrupt']);

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found as T;
}
const notice = element('notice'), alarm = element('alarm'), reset = element<HTMLButtonElement>('reset');
const joinForm = element<HTMLFormElement>('join'), code = element<HTMLInputElement>('code'), name = element<HTMLInputElement>('name');
const chat = element('chat'), title = element('title'), list = element('messages'), earlier = element<HTMLButtonElement>('earlier');
const writeForm = element<HTMLFormElement>('write'), draft = element<HTMLTextAreaElement>('text');
const channelSelect = element<HTMLSelectElement>('channels'), readReceipts = element<HTMLInputElement>('read-receipts');

// The secret of the invite leaves the address bar and the back button at once (S3); in the page it lives in this variable only,
// until the worker has it on disk, encrypted. The browser itself keeps the link that was opened: Chromium writes it to its history,
// its top sites and its saved tabs before any code of ours runs, and no page can take it back. What that is worth to a finder: the
// secret is good for one proof, QR for 15 minutes, a link for 7 days and then only with the coach's yes. Who wants nothing to
// remain opens the page without a link and types the code (S4); tests/browser/page.test.mjs looks at both routes.
let invite = location.hash.length > 1 ? location.href : '';
if (invite) history.replaceState(null, '', location.pathname + location.search);

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
    tell(`alarm.${text(body.name)}`);
    // A message may have been dropped that was shown as waiting: what the store holds is what counts.
    if (current && hex(body.channel) === current.key) void open(current.key);
  } else if (body instanceof api.FailedT) {
    tell(`error.${text(body.name)}`); // of a request, or of something that failed later by itself
  }
}

// What just happened, until the person goes on; beneath it what stays wrong as long as it is wrong.
let happened = '';
function tell(key: string): void {
  happened = key;
  showAlarm();
}
function showAlarm(): void {
  const stopped = status?.stop || (current && channels.get(current.key)?.stop) || api.AlarmKind.none;
  const lasting = status?.storageFailing ? 'alarm.local_storage' : stopped !== api.AlarmKind.none ? `alarm.${api.AlarmKind[stopped]}` : '';
  const said = [happened, lasting].filter((key, i, all) => key !== '' && all.indexOf(key) === i).map(say);
  if (alarm.textContent !== said.join(' ')) alarm.textContent = said.join(' '); // a reader of screens says every change
}

function showStatus(next: api.StatusT): void {
  const wasReady = status?.membership === api.Membership.ready;
  status = next;
  const { membership, connection } = next;
  joinForm.hidden = membership !== api.Membership.none;
  element('code-row').hidden = invite !== '';
  element('link-stays').hidden = invite === '';
  code.required = invite === '';
  readReceipts.checked = next.sendReadReceipts;
  document.body.dataset['membership'] = api.Membership[membership];
  document.body.dataset['connection'] = api.Connection[connection];
  if (membership === api.Membership.ready && !wasReady) void ask(new api.ListChannelsT());
  notice.textContent = noticeFor(membership, connection);
  showAlarm();
}

function noticeFor(membership: api.Membership, connection: api.Connection): string {
  if (membership === api.Membership.none) return '';
  if (connection === api.Connection.offline) return say(membership === api.Membership.ready ? 'notice.offline' : 'notice.trying');
  if (membership === api.Membership.waiting_for_coach) return say('notice.waiting');
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
  }
  showAlarm();
}

async function open(key: string): Promise<void> {
  const channel = channels.get(key);
  if (!channel) return;
  current = { id: channel.id, key, conversation: new Conversation() };
  chat.hidden = false;
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
    when.textContent = [new Date(Number(message.createdMs)).toLocaleString(currentLanguage() === 'nl' ? 'nl-NL' : 'en-GB'),
                        message.mine ? say(`state.${api.MessageState[message.state]}`) : ''].filter(Boolean).join(' · ');
    item.append(who, what, when);
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
    button.disabled = true; // one proof per invite: a second tap would be a second proof (S3)
    const answer = await ask(new api.JoinT(invite || code.value, name.value.trim(), gatewayUrl()));
    button.disabled = false;
    if (answer) invite = '';
  })();
});

writeForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const written = draft.value.trim();
  if (!current || !written) return;
  draft.value = '';
  tell('');
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
reset.addEventListener('click', () => client.forget());
element('language').addEventListener('click', () => {
  setLanguage(currentLanguage() === 'nl' ? 'en' : 'nl');
  localStorage.setItem(LANGUAGE, currentLanguage());
  fillTexts();
  if (status) showStatus(status);
  addChannels([]);
  render();
});

// ---- start

const supported = 'locks' in navigator && 'storage' in navigator && 'getDirectory' in navigator.storage && isSecureContext;
const client = new SteigerClient(new Worker('worker.js', { type: 'module' }), {
  event: heard,
  // At the start, and again when another tab took over: what is shown here may have missed something.
  connected: () => {
    reset.hidden = true;
    void ask(new api.GetStatusT());
    if (!current) return;
    chat.hidden = false;
    void ask(new api.ListChannelsT());
    void fetchMessages(0n);
  },
  opening: () => { notice.textContent = say('notice.opening'); },
  elsewhere: () => { notice.textContent = say('notice.elsewhere'); },
  fatal: (error, detail) => {
    console.error('steiger', error, detail);
    notice.textContent = '';
    if (supported) tell(`error.${error}`);
    else alarm.textContent = say('notice.unsupported');
    reset.hidden = !LOST.has(error);
    chat.hidden = joinForm.hidden = true;
  },
  forgotten: () => location.reload(),
});
// Asks the browser not to evict the store when disk runs short; a no changes nothing else.
void navigator.storage?.persist?.();
