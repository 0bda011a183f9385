/**
 * Small deterministic draws for questions and wrong images: the same key always gives the same
 * order. Not for sampling answers, which has its own counter-based streams.
 */

/** FNV-1a over the UTF-16 code units, unsigned 32 bit. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Mulberry32: uniform numbers in [0, 1) from a 32-bit state. */
function uniformStream(state: number): () => number {
  let a = state;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The first `count` of an order that depends on the stream only (Fisher–Yates). */
function take<T>(uniform: () => number, items: readonly T[], count: number): T[] {
  const rest = [...items];
  const taken: T[] = [];
  while (rest.length > 0 && taken.length < count) {
    taken.push(...rest.splice(Math.floor(uniform() * rest.length), 1));
  }
  return taken;
}

/** `shuffle(items)` in an order that depends on `key` and on earlier calls only. */
export function seededShuffler(key: string): <T>(items: readonly T[]) => T[] {
  const uniform = uniformStream(hashText(key));
  return (items) => take(uniform, items, items.length);
}

/** `count` different ones of many, without shuffling all of them. */
export function seededChoice<T>(key: string, items: readonly T[], count: number): T[] {
  return take(uniformStream(hashText(key)), items, count);
}
