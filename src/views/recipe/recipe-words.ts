/** The decision about a set in words. Pure. */
import type { RecipeDecision, RecipeRule, RecipeVerdict } from '../../core/sets/recipe.ts';
import type { RlSet } from '../../core/sets/rl-set.ts';
import { datasetTestCount } from '../../state/dataset-names.ts';

export const VERDICTS: readonly {
  readonly verdict: RecipeVerdict;
  readonly title: string;
  readonly advice: string;
}[] = [
  {
    verdict: 'already sharp',
    title: 'Already sharp',
    advice: 'It says first what it can say: RL has little left to do.',
  },
  {
    verdict: 'RL-ready',
    title: 'RL-ready',
    advice: 'The image supports the right answers: sharpen with RL.',
  },
  {
    verdict: 'bridge support',
    title: 'Bridge support first',
    advice: 'Too few right answers are supported: SFT first, then measure again.',
  },
  {
    verdict: 'undecided',
    title: 'Undecided',
    advice: 'An interval lies on both sides of a threshold, or something was not measured.',
  },
];

/** `k = 8`, or the informative one. */
export function kWords({ k }: RecipeRule): string {
  return k === null ? 'informative k' : `k = ${String(k)}`;
}

/**
 * What would decide it; empty where it is decided. A set that has fewer items cannot.
 *
 * @param items that were measured
 * @param dataset id of the set, whose published size is known where it is one of MedMNIST
 */
export function neededWords(decision: RecipeDecision, items: number, dataset = ''): string {
  const { itemsNeeded, samplesNeeded, missing, verdict } = decision;
  if (verdict !== 'undecided') return '';
  const more = itemsNeeded === null ? 0 : itemsNeeded - items;
  const has = datasetTestCount(dataset);
  if (itemsNeeded !== null && has !== null && itemsNeeded > has) {
    return `${missing} Needs about ${String(itemsNeeded)} items, more than the set has (${String(has)} test images): this set cannot decide it.`;
  }
  const needs = [
    ...(more > 0 ? [`about ${String(more)} more items, ${String(itemsNeeded)} in all`] : []),
    ...(samplesNeeded === null ? [] : [`at least ${String(samplesNeeded)} samples per item`]),
  ];
  return needs.length === 0 ? missing : `${missing} Needs ${needs.join(', and ')}.`;
}

/** The paper's own rule on the same figures. */
export function rawRuleWords({ rawRule }: RecipeDecision): string {
  if (rawRule === null) return 'not known';
  return rawRule === 'RL' ? 'S ≥ τ: RL' : 'S < τ: SFT first';
}

/** Why no item needs SFT first; empty where some do. */
export function noSftWords({ needsSft, leftOut, chosen }: RlSet): string {
  if (needsSft.length > 0) return '';
  const refused = leftOut.test + leftOut.unknownSplit;
  return refused > 0 && chosen.length + leftOut.always === 0
    ? 'Nothing needs SFT first in this file: it would hold train and validation images that are never right, and this run has test images only. Evaluate takes the training images of a MedMNIST file.'
    : 'Nothing needs SFT first: of the train and validation images none is never right among its samples.';
}

/** How many are left out of the RL set, and why; one sentence each. */
export function leftOutWords({ leftOut }: RlSet): readonly string[] {
  const { test, unknownSplit, always, never } = leftOut;
  const items = (count: number): string => `${String(count)} ${count === 1 ? 'item' : 'items'}`;
  return [
    ...(test > 0
      ? [
          `${items(test)} of a test split: a model that learned from them could not be measured any more.`,
        ]
      : []),
    ...(unknownSplit > 0 ? [`${items(unknownSplit)} of unknown split, which may be test.`] : []),
    ...(always > 0 ? [`${items(always)} that it always gets right: nothing to learn.`] : []),
    ...(never > 0
      ? [`${items(never)} that it never gets right: nothing to reward, so SFT first.`]
      : []),
  ];
}
