// The answering side of the language in README.md: one JSON request per line in, one answer per line out.
import { createInterface } from 'node:readline';

export const fromHex = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
export const toHex = (bytes) => Buffer.from(bytes).toString('hex');

// The driver broke the language: a mistake in the test, never an outcome of it.
export class Misuse extends Error {}

// One line that says what a library threw; core-crypto nests its reasons.
function reason(error) {
  const inner = error?.inner?.mlsError ?? error;
  return [error?.name, inner?.tag, inner?.inner?.msg ?? inner?.message].filter(Boolean).join(': ').split('\n')[0];
}

// `handlers`: operation -> async (request) => result. What a handler throws is the library's refusal; Misuse ends the process.
export async function serve(handlers) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      if (!handlers[request.op]) throw new Misuse(`no such operation: ${request.op}`);
      answer = { id: request.id, ok: await handlers[request.op](request) };
    } catch (error) {
      if (error instanceof Misuse) {
        console.error(error);
        process.exit(1);
      }
      answer = { id: request.id, refused: reason(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}
