/** Work on many things, several at a time, in their order. */

/**
 * Takes one entry after the other, as many at a time as `atOnce` says whenever one has ended. The first
 * failure begins no other entry, is told at once, and is thrown when those in work have ended.
 */
export async function inLanes<Entry>(
  entries: Iterable<Entry>,
  atOnce: () => number,
  work: (entry: Entry) => Promise<void>,
  onFailure: () => void,
): Promise<void> {
  const rest = entries[Symbol.iterator]();
  const running = new Set<Promise<void>>();
  let failure: { readonly thrown: unknown } | null = null;
  const hasFailed = (): boolean => failure !== null;
  for (;;) {
    while (!hasFailed() && running.size < Math.max(1, atOnce())) {
      const next = rest.next();
      if (next.done === true) break;
      const one: Promise<void> = work(next.value)
        .catch((thrown: unknown) => {
          if (failure !== null) return;
          failure = { thrown };
          onFailure();
        })
        .finally(() => running.delete(one));
      running.add(one);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  const first = failure as { readonly thrown: unknown } | null;
  if (first) throw first.thrown;
}
