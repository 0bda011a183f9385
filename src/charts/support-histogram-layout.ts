/**
 * How many items are right in how many of their samples: bins, counts, and what sampling alone would
 * spread if every item were equally hard. Pure.
 */

import type { Stage } from '../core/types.ts';

export interface HistogramSeries {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  /** Samples of each item, and how many of them are right. */
  readonly items: readonly { readonly n: number; readonly c: number }[];
}

/** Right samples from … to, both included. */
export interface Bin {
  readonly from: number;
  readonly to: number;
}

/** More bins would be thinner than a line on a phone. */
const MOST_BINS = 18;

/**
 * Never right and always right stand alone; between them every count has its bin, or 16 bins share
 * them.
 *
 * @param n samples of an item, at least 1
 */
export function binsOf(n: number): readonly Bin[] {
  const width = n + 1 <= MOST_BINS ? 1 : Math.ceil((n - 1) / (MOST_BINS - 2));
  const bins: Bin[] = [{ from: 0, to: 0 }];
  for (let from = 1; from < n; from += width) {
    bins.push({ from, to: Math.min(n - 1, from + width - 1) });
  }
  return [...bins, { from: n, to: n }];
}

/** Items in each bin. */
export function countItems(items: HistogramSeries['items'], bins: readonly Bin[]): number[] {
  const counts = bins.map(() => 0);
  for (const { c } of items) {
    const at = bins.findIndex(({ from, to }) => c >= from && c <= to);
    if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** Items expected in each bin if all had the same P(right), the mean: the binomial spread. */
export function evenItems(
  items: HistogramSeries['items'],
  bins: readonly Bin[],
  n: number,
): number[] {
  const right = items.reduce((sum, { c }) => sum + c, 0);
  const p = items.length === 0 ? 0 : right / (items.length * n);
  const mass = binomial(n, p);
  return bins.map(({ from, to }) => {
    let sum = 0;
    for (let c = from; c <= to; c += 1) sum += mass[c] ?? 0;
    return sum * items.length;
  });
}

/** P(c of n), for c = 0 … n; by logarithms, so that nothing underflows at n = 1024. */
export function binomial(n: number, p: number): number[] {
  if (p <= 0 || p >= 1)
    return Array.from({ length: n + 1 }, (_, c) => Number(c === (p <= 0 ? 0 : n)));
  let logChoose = 0;
  return Array.from({ length: n + 1 }, (_, c) => {
    if (c > 0) logChoose += Math.log((n - c + 1) / c);
    return Math.exp(logChoose + c * Math.log(p) + (n - c) * Math.log1p(-p));
  });
}

/** `0`, `1–4`, `16`. */
export const binWords = ({ from, to }: Bin): string =>
  from === to ? String(from) : `${String(from)}–${String(to)}`;
