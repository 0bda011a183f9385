/** The questions of the recipe in their order, each with the sets that end at it. Pure. */

import type { RecipeRule, RecipeVerdict } from '../../core/sets/recipe.ts';
import type { DatasetDecision } from '../../state/recipe-board.svelte.ts';
import { datasetName } from '../../state/dataset-names.ts';
import { kWords, VERDICTS } from './recipe-words.ts';

export interface FlowStep {
  readonly verdict: RecipeVerdict;
  readonly question: string;
  readonly condition: string;
  /** The verdict in words, and what to do. */
  readonly title: string;
  readonly advice: string;
  /** That end here; may be empty. */
  readonly sets: readonly string[];
}

/** The last one has no question behind it. */
export function flowSteps(
  rule: RecipeRule,
  decisions: readonly DatasetDecision[],
): readonly FlowStep[] {
  return questionsOf(rule).map((step) => {
    const words = VERDICTS.find(({ verdict }) => verdict === step.verdict);
    return {
      ...step,
      title: words?.title ?? step.verdict,
      advice: words?.advice ?? '',
      sets: decisions
        .filter(({ decision }) => decision.verdict === step.verdict)
        .map(({ dataset }) => datasetName(dataset)),
    };
  });
}

const questionsOf = (
  rule: RecipeRule,
): readonly Pick<FlowStep, 'verdict' | 'question' | 'condition'>[] => [
  {
    verdict: 'already sharp',
    question: 'Is it sharp already?',
    condition: `G < δ = ${String(rule.delta)} and A ≥ τ = ${String(rule.tau)}, ${kWords(rule)}`,
  },
  {
    verdict: 'RL-ready',
    question: 'Is there support?',
    condition: `image support surely ≥ τ = ${String(rule.tau)}, and G or A surely not sharp`,
  },
  {
    verdict: 'bridge support',
    question: 'Is it surely missing?',
    condition: `image support surely < τ = ${String(rule.tau)}`,
  },
  { verdict: 'undecided', question: 'None', condition: 'of these is sure' },
];
