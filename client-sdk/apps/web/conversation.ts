// The messages of one channel as the page shows them: by place in the channel, what waits at the end. No rendering here.
import { hex, text, type api } from '../../wasm/src/client';

export interface Shown {
  id: string;
  seq: bigint; // 0 while waiting
  mine: boolean;
  sender: string;
  text: string;
  createdMs: bigint;
  state: api.MessageState;
}

export class Conversation {
  private readonly byId = new Map<string, Shown>();
  moreBefore = false;

  // True when something changed. The same message comes again whenever its state changes, and an own one that waited gets its
  // place; nothing else may take the line of a message that is shown.
  put(message: api.MessageT): boolean {
    const shown: Shown = {
      id: hex(message.id), seq: message.seq, mine: message.mine, sender: text(message.senderName), text: text(message.text),
      createdMs: message.createdMs, state: message.state,
    };
    const known = this.byId.get(shown.id);
    if (known && known.seq === shown.seq && known.state === shown.state && known.text === shown.text) return false;
    if (known && (known.mine !== shown.mine || known.text !== shown.text || (known.seq !== 0n && known.seq !== shown.seq))) return false;
    this.byId.set(shown.id, shown);
    return true;
  }

  get ordered(): Shown[] {
    return [...this.byId.values()].sort((a, b) => {
      if (a.seq !== 0n && b.seq !== 0n) return a.seq < b.seq ? -1 : 1;
      if (a.seq !== b.seq) return a.seq === 0n ? 1 : -1;
      return a.createdMs < b.createdMs ? -1 : a.createdMs > b.createdMs ? 1 : a.id < b.id ? -1 : 1;
    });
  }

  get firstSeq(): bigint {
    return this.ordered.find((message) => message.seq !== 0n)?.seq ?? 0n;
  }
  get lastReceivedSeq(): bigint {
    return this.ordered.reduce((last, message) => (!message.mine && message.seq > last ? message.seq : last), 0n);
  }
}
