/** What somebody may have meant by a name that nobody knows. Pure. */

/** Of the names the one that is spelt most alike; `null` where none is near. */
export function nearestName(written: string, names: readonly string[]): string | null {
  const word = written.toLowerCase();
  const [best] = names
    .map((name) => ({ name, distance: editDistance(word, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  // A third of the letters may be wrong, of short names one.
  const most = Math.max(1, Math.floor(word.length / 3));
  return best && best.distance <= most ? best.name : null;
}

/** Least number of letters to change, add, take away or swap with the next (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let done = 1; done <= from.length; done += 1) {
    const next = [done];
    for (let at = 1; at <= to.length; at += 1) {
      const isSame = from[done - 1] === to[at - 1];
      const isSwapped = from[done - 1] === to[at - 2] && from[done - 2] === to[at - 1];
      next.push(
        Math.min(
          (row[at - 1] ?? 0) + (isSame ? 0 : 1),
          (row[at] ?? 0) + 1,
          (next[at - 1] ?? 0) + 1,
          isSwapped ? (before[at - 2] ?? Infinity) + 1 : Infinity,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}
