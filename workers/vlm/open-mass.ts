/**
 * How the probability of the open prefixes is spread over their size: which of them are sure to be
 * needed before the residual can fall below ε.
 */

/** Bins per factor of two, and the smallest size told apart. */
const BINS_PER_OCTAVE = 4;
const OCTAVES = 160;

export class OpenMass {
  /** Probability by size; bin b holds sizes from `edge(b)` to below `edge(b + 1)`. */
  private readonly bins = new Float64Array(OCTAVES * BINS_PER_OCTAVE + 1);

  open(mass: number): void {
    this.add(mass, mass);
  }

  close(mass: number): void {
    this.add(mass, -mass);
  }

  /**
   * A size from which on every open prefix has smaller ones with at least `epsilon` between them:
   * best-first gets to it while they are open, so with a residual of at least that.
   */
  certainFrom(epsilon: number): number {
    let smaller = 0;
    for (let bin = 0; bin < this.bins.length; bin += 1) {
      smaller += this.bins[bin] ?? 0;
      if (smaller >= epsilon) return 2 ** ((bin + 1) / BINS_PER_OCTAVE - OCTAVES);
    }
    return Infinity;
  }

  private add(mass: number, change: number): void {
    const bin = Math.floor((Math.log2(mass) + OCTAVES) * BINS_PER_OCTAVE);
    const at = Math.max(0, bin);
    this.bins[at] = (this.bins[at] ?? 0) + change;
  }
}
