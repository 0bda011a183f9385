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

/** What a label asks of one figure: a clear change, or that its value did not rise. */
export interface ChangeCondition {
  readonly figure: keyof ChangeEvidence;
  readonly must: 'up' | 'down' | 'not up';
}

const A_UP: ChangeCondition = { figure: 'accuracyAt1', must: 'up' };
const ENTROPY_DOWN: ChangeCondition = { figure: 'entropyNats', must: 'down' };
/** Both: sharpening alone lifts image support too. */
const SUPPORT_UP: readonly ChangeCondition[] = [
  { figure: 'imageSupport', must: 'up' },
  { figure: 'informativeSupport', must: 'up' },
];

/** The labels and all that each needs; the first that holds is the verdict. */
export const CHANGE_RULES: readonly {
  readonly verdict: Exclude<ChangeVerdict, 'no clear change'>;
  readonly needs: readonly ChangeCondition[];
}[] = [
  { verdict: 'learned', needs: [A_UP, ...SUPPORT_UP] },
  { verdict: 'sharpened', needs: [A_UP, ENTROPY_DOWN] },
  { verdict: 'widened', needs: SUPPORT_UP },
  {
    verdict: 'collapsed',
    needs: [
      ENTROPY_DOWN,
      { figure: 'gap', must: 'down' },
      { figure: 'accuracyAt1', must: 'not up' },
    ],
  },
];

/** Whether the evidence meets one condition. */
export function meets(evidence: ChangeEvidence, { figure, must }: ChangeCondition): boolean {
  const { [figure]: estimate } = evidence;
  if (must === 'not up') return estimate.value !== null && estimate.value <= 0;
  return directionOf(estimate) === must;
}

/**
 * The first that holds. Learned: A and support up. Sharpened: A up and entropy down. Widened: support
 * up. Collapsed: entropy and G down while A is not up. Support is up where more items are supported by
 * the image and S is up at the informative k: sharpening alone lifts the former too.
 */
export function changeVerdict(evidence: ChangeEvidence): ChangeVerdict {
  const first = CHANGE_RULES.find(({ needs }) => needs.every((need) => meets(evidence, need)));
  return first?.verdict ?? 'no clear change';
}
