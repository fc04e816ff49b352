// Looks for a text in everything that a browser left on disk: every file of its profile, as raw bytes. What a browser compresses
// (its HTTP cache) is not unpacked; nothing of ours is ever answered with a secret in it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => {
    try { return statSync(path).isFile(); } catch { return false; }
  });
}

// The text as it may stand in a file: UTF-8, UTF-16, hexadecimal, and base64 of either wherever it begins in its three bytes.
export function forms(text) {
  const utf8 = Buffer.from(text, 'utf8'), utf16 = Buffer.from(text, 'utf16le');
  const out = { utf8, utf16, hex: Buffer.from(utf8.toString('hex')), HEX: Buffer.from(utf8.toString('hex').toUpperCase()) };
  for (const [name, bytes] of [['utf8', utf8], ['utf16', utf16]]) {
    for (let shift = 0; shift < 3; ++shift) {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
      // The characters at both ends depend on the neighbours of the text: left out.
      const inner = encoded.slice(Math.ceil(shift * 4 / 3), (shift + bytes.length) % 3 === 0 ? undefined : -1);
      out[`base64 of ${name} at ${shift}`] = Buffer.from(inner);
      out[`base64url of ${name} at ${shift}`] = Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_'));
    }
  }
  return out;
}

// ['Default/History: utf8', ...]: where the text stands, and how.
export function findInProfile(profile, text) {
  const wanted = Object.entries(forms(text)), found = [];
  for (const path of filesBelow(profile)) {
    const content = readFileSync(path);
    for (const [name, bytes] of wanted) if (content.includes(bytes)) found.push(`${path.slice(profile.length + 1)}: ${name}`);
  }
  return found;
}
