// The core's effects, decoded: client-sdk/wasm/effects.h says what the bytes mean.

export type Effect =
  | { kind: 'connect'; url: string }
  | { kind: 'disconnect' }
  | { kind: 'send'; frame: Uint8Array }
  | { kind: 'commit'; token: number; head: Uint8Array; history: Uint8Array; forgets: boolean }
  | { kind: 'timer'; at: number }
  | { kind: 'event'; event: Uint8Array };

export function decodeEffects(bytes: Uint8Array): Effect[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const effects: Effect[] = [];
  let at = 0;
  const number = (): number => {
    const value = Number(view.getBigInt64(at, true));
    at += 8;
    return value;
  };
  const blob = (): Uint8Array => {
    const size = view.getUint32(at, true);
    at += 4 + size;
    return bytes.slice(at - size, at);
  };
  while (at < bytes.length) {
    const kind = view.getUint8(at++);
    switch (kind) {
      case 1: effects.push({ kind: 'connect', url: new TextDecoder().decode(blob()) }); break;
      case 2: effects.push({ kind: 'disconnect' }); break;
      case 3: effects.push({ kind: 'send', frame: blob() }); break;
      case 4: {
        const token = number(), head = blob(), history = blob();
        effects.push({ kind: 'commit', token, head, history, forgets: view.getUint8(at++) !== 0 });
        break;
      }
      case 5: effects.push({ kind: 'timer', at: number() }); break;
      case 6: effects.push({ kind: 'event', event: blob() }); break;
      default: throw new Error(`effect ${kind} is unknown: core.ts and effects.h have parted`);
    }
  }
  return effects;
}
