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

/** Least number of letters to change, add or take away (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [done, letter] of [...from].entries()) {
    const next = [done + 1];
    for (let at = 1; at <= to.length; at += 1) {
      const kept = (row[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1);
      next.push(Math.min(kept, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
