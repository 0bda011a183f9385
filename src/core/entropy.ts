/** How spread out the answers of an item are. */

export interface AnswerEntropy {
  /** −Σ p̂ ln p̂, nats; too small on average for few samples. */
  readonly plugInNats: number;
  /** Plug-in + (outcomes seen − 1) / 2n, nats (Miller 1955): its first-order bias removed. */
  readonly millerMadowNats: number;
  /**
   * Plug-in / ln m for m options; `null` for fewer than two options. Unparsed is an outcome
   * beside the options, so it can exceed 1.
   */
  readonly normalized: number | null;
}

/**
 * Entropy of the answers from the count of each outcome; unparsed is an outcome of its own.
 *
 * @param counts samples per outcome; zeros are allowed and change nothing
 * @param options number of options m; 0 for a free-form question
 * @returns `null` when there is no sample
 * @throws RangeError when a count is not an integer of at least 0
 */
export function answerEntropy(counts: readonly number[], options: number): AnswerEntropy | null {
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(`A count must be an integer of at least 0, not ${count}.`);
    }
  }
  const seen = counts.filter((count) => count > 0);
  const n = seen.reduce((sum, count) => sum + count, 0);
  if (n === 0) return null;
  const plugInNats = seen.reduce((sum, count) => sum + (count / n) * Math.log(n / count), 0);
  return {
    plugInNats,
    millerMadowNats: plugInNats + (seen.length - 1) / (2 * n),
    normalized: options < 2 ? null : plugInNats / Math.log(options),
  };
}
