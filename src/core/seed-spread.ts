/**
 * The difference between two checkpoints on one item beside what a second seed alone changes, in
 * words. Inside that spread it is said to be so; it never says what a stage did.
 */
import { formatDifference, formatProbability } from './format.ts';
import { newcombeDifference, type Difference } from './intervals.ts';
import type { ItemSummary } from './item-summary.ts';

export interface SeedSpread {
  /** p̂(second checkpoint) − p̂(first), Newcombe interval. */
  readonly difference: Difference;
  /** The larger |p̂(second seed) − p̂(first seed)| of the two checkpoints. */
  readonly spread: number;
  /** The difference is not larger than the spread. */
  readonly isInside: boolean;
}

/** `null` without a truth, without samples, or when one of them has no second seed. */
export function seedSpread(first: ItemSummary, second: ItemSummary): SeedSpread | null {
  if (first.correctCount === null || second.correctCount === null) return null;
  const moves = [first, second].map(({ nulls }) => nulls?.secondSeed?.difference ?? null);
  const known = moves.filter((move) => move !== null);
  if (known.length < moves.length || first.n === 0 || second.n === 0) return null;
  const difference = newcombeDifference(
    { c: first.correctCount, n: first.n },
    { c: second.correctCount, n: second.n },
  );
  const spread = Math.max(...known.map((move) => Math.abs(move.difference)));
  return { difference, spread, isInside: Math.abs(difference.difference) <= spread };
}

interface Named {
  readonly title: string;
  readonly summary: ItemSummary;
}

/** `sft 0.31 above base (95 %: +0.02 to +0.56; second seed up to 0.06)`. */
function pairText(first: Named, second: Named): string | null {
  const found = seedSpread(first.summary, second.summary);
  if (found === null) return null;
  const { difference, interval } = found.difference;
  const size = formatProbability(Math.abs(difference));
  const where = difference > 0 ? `${size} above` : difference < 0 ? `${size} below` : 'equal to';
  const pair = `${second.title} ${where} ${first.title}`;
  const spread = formatProbability(found.spread);
  if (found.isInside) return `${pair}, inside the second-seed spread (${spread})`;
  const bounds = `95 %: ${formatDifference(interval.lower)} to ${formatDifference(interval.upper)}`;
  const isClear = interval.lower > 0 || interval.upper < 0;
  return `${pair}${isClear ? '' : ', not clearly'} (${bounds}; second seed up to ${spread})`;
}

/** Each checkpoint against the one before it, in one sentence; empty without second seeds. */
export function seedSpreadSentence(sides: readonly Named[]): string {
  const pairs = sides.slice(1).flatMap((second, place) => {
    const first = sides[place];
    const text = first ? pairText(first, second) : null;
    return text === null ? [] : [text];
  });
  return pairs.length === 0 ? '' : `Right answers: ${pairs.join('; ')}.`;
}
