// Seeded choices: the same seed plays the same script. (What the foreign libraries draw for their keys is their own.)
export class Random {
  constructor(seed) { this.state = seed >>> 0; }
  // mulberry32: 32 bits a call
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  below(bound) { return this.next() % bound; }
  chance(percent) { return this.below(100) < percent; }
  pick(list) { return list[this.below(list.length)]; }
  // `count` different ones, in random order
  some(list, count) { return this.shuffled(list).slice(0, count); }
  shuffled(list) {
    const out = [...list];
    for (let i = out.length - 1; i > 0; --i) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
  hex(bytes) { return Array.from({ length: bytes }, () => this.below(256).toString(16).padStart(2, '0')).join(''); }
  // In the form that core-crypto insists on: uuid:device@domain, the device in hexadecimal without leading zeros.
  identity() {
    const hex = this.hex(16).replace(/^(.{12}).(.{3}).(.*)$/, '$14$28$3');
    const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return `${uuid}:${(1 + this.below(0xfffffff)).toString(16)}@example.org`;
  }
}
