// The figures of `steiger-bench mls` for the same code as wasm, in the same units. One line of JSON.
//
//   node wasm.mjs PROGRAM [ROUNDS [SECONDS]]     PROGRAM: build/wasm/bin/mls_wasm_bench.cjs
import { execFileSync } from 'node:child_process';

const [, , program, rounds = '3', seconds = '1'] = process.argv;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rounded = (value) => Number(value.toPrecision(3));

// With `self` libsodium takes its randomness from WebCrypto, as in a browser; what it does in bare node is many times slower.
const LIKE_A_BROWSER = ['--import', 'data:text/javascript,globalThis.self=globalThis'];
const all = [];
for (let i = 0; i < Number(rounds); ++i) {
  all.push(JSON.parse(execFileSync(process.execPath, [...LIKE_A_BROWSER, program, seconds], { encoding: 'utf8' })));
}
const out = { bench: 'mls_wasm', what: 'the loops of the bench mls as wasm in node; the groups of 100 were made one by one',
  node: process.version, rounds: all.length, seconds_per_measurement: Number(seconds) };
for (const name of Object.keys(all[0])) {
  const values = all.map((round) => rounded(round[name]));
  out[`${name}_per_second`] = { median: median(values), all: values };
}
console.log(JSON.stringify(out));
