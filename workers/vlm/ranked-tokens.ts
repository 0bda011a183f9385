/**
 * Tokens by falling probability, equal ones by rising id, one at a time: a heap, because a filter
 * needs the few tokens that it keeps and the next one, and sorting 150,000 for them is the larger
 * part of a draw.
 */
export class RankedTokens {
  private readonly heap: Int32Array;
  private size = 0;

  /** Tokens without mass are left out. `probabilities` must not change while this is in use. */
  constructor(private readonly probabilities: Float64Array) {
    this.heap = new Int32Array(probabilities.length);
    for (let id = 0; id < probabilities.length; id += 1) {
      if ((probabilities[id] ?? 0) > 0) this.heap[this.size++] = id;
    }
    for (let at = (this.size >>> 1) - 1; at >= 0; at -= 1) this.sink(at);
  }

  /** The next token id; `null` after the last. */
  next(): number | null {
    if (this.size === 0) return null;
    const first = this.at(0);
    this.size -= 1;
    this.heap[0] = this.at(this.size);
    this.sink(0);
    return first;
  }

  private sink(start: number): void {
    const id = this.at(start);
    let at = start;
    for (let child = 2 * at + 1; child < this.size; child = 2 * at + 1) {
      if (child + 1 < this.size && this.precedes(this.at(child + 1), this.at(child))) child += 1;
      if (!this.precedes(this.at(child), id)) break;
      this.heap[at] = this.at(child);
      at = child;
    }
    this.heap[at] = id;
  }

  private precedes(a: number, b: number): boolean {
    const pa = this.probabilities[a] ?? 0;
    const pb = this.probabilities[b] ?? 0;
    return pa > pb || (pa === pb && a < b);
  }

  private at(position: number): number {
    return this.heap[position] ?? 0;
  }
}
