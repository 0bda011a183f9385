/**
 * Counter-based random numbers: the draw of (run seed, item, sample, step) is a pure function of
 * these four, so samples can be drawn in any order, in a tree or alone, and K can be raised later.
 * Philox4x32-10 (Salmon et al., SC 2011), checked against the Random123 known-answer vectors.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

type Block = readonly [number, number, number, number];

/** High 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const lowLow = aLow * bLow;
  const middle = aHigh * bLow + (lowLow >>> 16);
  const cross = aLow * bHigh + (middle % 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) >>> 0;
}

/** One Philox4x32-10 block; all values are unsigned 32-bit integers. */
export function philox(counter: Block, key: readonly [number, number]): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round += 1) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** FNV-1a of the UTF-8 bytes, started at `basis`; unsigned 32 bits. */
function hashText(text: string, basis: number): number {
  let hash = basis >>> 0;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** Uniform draws of one (run seed, item): `uniform(i, t)` in [0, 1) with 53 random bits. */
export function uniformStream(seed: number, itemId: string): (i: number, t: number) => number {
  const key: [number, number] = [seed >>> 0, hashText(itemId, 0x811c9dc5)];
  const salt = hashText(itemId, 0x5bd1e995);
  return (i, t) => {
    const [high, low] = philox([i >>> 0, t >>> 0, salt, 0], key);
    return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
  };
}
