/**
 * Small deterministic draws for building questions: the same key always gives the same order.
 * Not for sampling answers, which has its own counter-based streams.
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

/** `shuffle(items)` in an order that depends on `key` and on earlier calls only (Fisher–Yates). */
export function seededShuffler(key: string): <T>(items: readonly T[]) => T[] {
  const uniform = uniformStream(hashText(key));
  return <T>(items: readonly T[]): T[] => {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) {
      shuffled.push(...rest.splice(Math.floor(uniform() * rest.length), 1));
    }
    return shuffled;
  };
}
