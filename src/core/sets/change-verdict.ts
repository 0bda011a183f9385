/** What a stage did to its parent, in one word, from paired intervals only (docs/decisions/0008). */
import { directionOf } from './pair-figures.ts';
import { UNKNOWN, type Estimate } from './resampling.ts';
import type { SetFigures } from './run-figures.ts';

export type ChangeVerdict = 'learned' | 'sharpened' | 'widened' | 'collapsed' | 'no clear change';

/** The figures that the verdict rests on, child minus parent. */
export interface ChangeEvidence {
  readonly accuracyAt1: Estimate;
  readonly entropyNats: Estimate;
  readonly imageSupport: Estimate;
  readonly informativeSupport: Estimate;
  /** G at the most samples that all items have. */
  readonly gap: Estimate;
}

/**
 * Fewer pairs bear no verdict: even when all change the same way, which a bootstrap takes for certain,
 * 5 do so by chance once in 16.
 */
export const MIN_PAIRS = 6;

/** @param change child minus parent */
export function changeEvidence(change: SetFigures): ChangeEvidence {
  const { items, blindItems, accuracyAt1, entropyNats, imageSupport, informativeSupport } = change;
  const known = (figure: Estimate | undefined, pairs: Estimate): Estimate =>
    figure !== undefined && (pairs.value ?? 0) >= MIN_PAIRS ? figure : UNKNOWN;
  // A stopped item leaves the largest k to the others: only where all have k samples it speaks of all.
  const last = change.passAtK.findLast((point) => point.items.value === items.value);
  return {
    accuracyAt1: known(accuracyAt1, items),
    entropyNats: known(entropyNats, items),
    imageSupport: known(imageSupport, blindItems),
    informativeSupport: known(informativeSupport, items),
    gap: known(last?.gap, items),
  };
}

/**
 * The first that holds. Learned: A and support up. Sharpened: A up and entropy down. Widened: support
 * up. Collapsed: entropy and G down while A is not up. Support is up where more items are supported by
 * the image and S is up at the informative k: sharpening alone lifts the former too.
 */
export function changeVerdict(evidence: ChangeEvidence): ChangeVerdict {
  const { accuracyAt1, entropyNats, imageSupport, informativeSupport, gap } = evidence;
  const isUp = (figure: Estimate): boolean => directionOf(figure) === 'up';
  const isDown = (figure: Estimate): boolean => directionOf(figure) === 'down';
  const isWider = isUp(imageSupport) && isUp(informativeSupport);
  if (isUp(accuracyAt1)) {
    if (isWider) return 'learned';
    if (isDown(entropyNats)) return 'sharpened';
  }
  if (isWider) return 'widened';
  const isNotUp = accuracyAt1.value !== null && accuracyAt1.value <= 0;
  return isDown(entropyNats) && isDown(gap) && isNotUp ? 'collapsed' : 'no clear change';
}
