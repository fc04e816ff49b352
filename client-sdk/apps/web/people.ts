// Who reads along, what happened to the room, and the questions that only this person answers (law 7). No chat here.
import { api, hex, text, type Answer } from '../../wasm/src/client';
import { dayText, keyFor, momentText, say } from './texts';

type Ask = (body: api.ListQuestionsT | api.AnswerQuestionT | api.RemoveMemberT | api.ListNoticesT) => Promise<Answer | null>;

// A value of a later version has a name of its own here, or none.
function known(key: string, otherwise: string): string {
  return say(keyFor(key) ?? otherwise);
}

// The first is the question itself; empty for a kind that is not for this page.
export function questionLines(question: api.QuestionT): string[] {
  const name = text(question.name) || say('question.somebody');
  switch (question.kind) {
    case api.QuestionKind.let_in: {
      const reason = known(`reason.${api.Reason[question.reason]}`, 'reason.other');
      const until = dayText(question.untilMs - 1n); // the last moment of the last day
      return [say('question.let-in', { name }), say('question.let-in.about', { reason }), say('question.let-in.until', { until }),
              say('question.let-in.yes', { name }), say('question.let-in.no'), say('question.unsure')];
    }
    case api.QuestionKind.handover:
      return [say('question.handover'), say('question.handover.yes'), say('question.handover.before'), say('question.handover.no'),
              say('question.unsure')];
    default:
      return [];
  }
}

export function memberLine(member: api.MemberT): string {
  const role = member.self ? say('people.me') : known(`people.${api.Role[member.role]}`, 'people.other');
  return [text(member.name) || say('question.somebody'), role,
          member.untilMs === 0n ? '' : say('people.until', { until: dayText(member.untilMs - 1n) }),
          member.devices > 1 ? say('people.devices', { count: String(member.devices) }) : ''].filter(Boolean).join(' · ');
}

export function noticeLine(notice: api.NoticeT): string {
  const name = text(notice.name) || say('question.somebody');
  return `${momentText(notice.whenMs)} · ${say(keyFor(`happened.${api.NoticeKind[notice.kind]}`) ?? 'happened.other', { name })}`;
}

function paragraph(line: string, tag: 'p' | 'h3' | 'li' = 'p'): HTMLElement {
  const made = document.createElement(tag); // textContent only: names are what somebody wrote
  made.textContent = line;
  return made;
}

export class People {
  private readonly questions = new Map<string, api.QuestionT>();
  private readonly said = new Map<string, boolean>(); // what this person answered since the page was opened
  private notices: api.NoticeT[] = [];
  private room: api.ChannelT | null = null;

  constructor(private readonly questionArea: HTMLElement, private readonly memberList: HTMLElement, private readonly happened: HTMLElement,
              private readonly ask: Ask, private readonly confirmed: (line: string) => boolean) {}

  // What the worker tells; whatever is not about people is passed over.
  heard(body: Answer): void {
    if (body instanceof api.QuestionT) {
      this.questions.set(hex(body.id), body);
      this.renderQuestions();
    } else if (body instanceof api.QuestionListT) {
      this.questions.clear();
      for (const question of body.questions) this.questions.set(hex(question.id), question);
      this.renderQuestions();
    } else if (body instanceof api.NoticeListT) {
      if (!this.room || hex(body.channel) !== hex(this.room.id)) return;
      this.notices = body.notices;
      this.renderRoom();
    } else if (body instanceof api.NoticeT) {
      this.show(this.room); // asks for all of them: they have no number of their own
    }
  }

  // The room that is on the screen.
  show(room: api.ChannelT | null): void {
    if (room === null || (this.room && hex(room.id) !== hex(this.room.id))) this.notices = [];
    this.room = room;
    this.renderRoom();
    if (room) void this.ask(new api.ListNoticesT(room.id));
  }

  // Again in the language of the page.
  render(): void {
    this.renderQuestions();
    this.renderRoom();
  }

  private renderQuestions(): void {
    const shown = [...this.questions].map(([key, question]) => {
      const yes = this.said.get(key);
      if (yes !== undefined) return paragraph(say(yes ? 'question.said-yes' : 'question.said-no'));
      return question.answered ? null : this.card(question);
    });
    this.questionArea.replaceChildren(...shown.filter((element) => element !== null));
  }

  private card(question: api.QuestionT): HTMLElement | null {
    const [asked, ...explained] = questionLines(question);
    if (asked === undefined) return null;
    const card = document.createElement('section');
    card.className = 'question';
    card.dataset['kind'] = api.QuestionKind[question.kind];
    const heading = paragraph(asked, 'h3');
    heading.id = `question-${hex(question.id)}`;
    card.setAttribute('aria-labelledby', heading.id);
    const buttons: HTMLButtonElement[] = [true, false].map((yes) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.dataset['answer'] = yes ? 'yes' : 'no';
      button.textContent = say(yes ? 'question.yes' : 'question.no');
      button.addEventListener('click', () => void this.answer(question, yes, buttons));
      return button;
    });
    card.append(heading, ...explained.map((line) => paragraph(line)), ...buttons);
    return card;
  }

  private async answer(question: api.QuestionT, yes: boolean, buttons: HTMLButtonElement[]): Promise<void> {
    for (const button of buttons) button.disabled = true; // one answer
    const key = hex(question.id);
    this.said.set(key, yes);
    if (!await this.ask(new api.AnswerQuestionT(question.id, yes))) this.said.delete(key); // the page says why
    this.renderQuestions();
  }

  private renderRoom(): void {
    this.memberList.replaceChildren(...(this.room?.members ?? []).map((member) => {
      const item = paragraph(memberLine(member), 'li');
      if (member.untilMs !== 0n && !member.self) item.append(' ', this.removal(member));
      return item;
    }));
    this.happened.replaceChildren(...this.notices.map((notice) => paragraph(noticeLine(notice), 'li')));
  }

  // S8: who reads along can always go.
  private removal(member: api.MemberT): HTMLElement {
    const name = text(member.name) || say('question.somebody');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = say('people.remove', { name });
    button.addEventListener('click', () => void (async () => {
      if (!this.room || !this.confirmed(say('people.remove-what', { name }))) return;
      button.disabled = true;
      if (await this.ask(new api.RemoveMemberT(this.room.id, member.account))) button.textContent = say('people.removing');
      else button.disabled = false;
    })());
    return button;
  }
}
