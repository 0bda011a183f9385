/**
 * The children of a prefix by falling probability, each found when it is asked for: a heap over
 * token ids, because a large vocabulary is hardly ever wanted in whole and sorting it costs more than
 * a step.
 */

/** Next tokens with their probabilities; equal ones by rising id. Tokens without mass are left out. */
export class RankedChildren {
  private readonly heap: Uint32Array;
  private count: number;

  /** @param probabilities by token id, with sum 1; kept, so it must not change */
  constructor(private readonly probabilities: Float64Array) {
    const ids: number[] = [];
    probabilities.forEach((p, id) => {
      if (p > 0) ids.push(id);
    });
    this.heap = Uint32Array.from(ids);
    this.count = ids.length;
    for (let at = Math.floor(this.count / 2) - 1; at >= 0; at -= 1) this.sink(at);
  }

  /** Probability of the next child; 0 when there is none. */
  get best(): number {
    return this.count === 0 ? 0 : (this.probabilities[this.heap[0] ?? 0] ?? 0);
  }

  get sizeBytes(): number {
    return this.probabilities.byteLength + this.heap.byteLength;
  }

  /** The token id of the next child, which is then no longer open; `null` when there is none. */
  take(): number | null {
    if (this.count === 0) return null;
    const id = this.heap[0] ?? 0;
    this.count -= 1;
    this.heap[0] = this.heap[this.count] ?? 0;
    this.sink(0);
    return id;
  }

  private sink(start: number): void {
    let at = start;
    for (;;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.count && this.isBefore(child, first)) first = child;
      }
      if (first === at) return;
      const moved = this.heap[at] ?? 0;
      this.heap[at] = this.heap[first] ?? 0;
      this.heap[first] = moved;
      at = first;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [idA, idB] = [this.heap[a] ?? 0, this.heap[b] ?? 0];
    const difference = (this.probabilities[idA] ?? 0) - (this.probabilities[idB] ?? 0);
    return difference === 0 ? idA < idB : difference > 0;
  }
}
