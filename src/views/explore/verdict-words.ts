/** The verdict in words: the headline of a run and the sentence below it. Pure. */

import type { ItemSummary } from '../../core/item-summary.ts';
import { chancePassAtK } from '../../core/pass-at-k.ts';
import { rightAnswers } from '../../core/question.ts';
import {
  sideBySideHeadline,
  sideBySideSentence,
  type Side,
} from '../../core/side-by-side-sentence.ts';
import { supportSentence } from '../../core/support-sentence.ts';
import type { Question } from '../../core/types.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import type { RunPlan, RunStatus } from '../../state/run-session.svelte.ts';
import type { ResultPanel } from './result-panel.ts';

/** While samples come: a verdict on a part of them would change under the reader's eyes. */
export const SAMPLING_SENTENCE =
  'Each sample falls into its bar as it comes; the verdict stands here when all are drawn.';

/** Of a run without a sample yet. */
export const EMPTY_HEADLINE = 'Is the right answer among its answers?';

export function headlineOf(
  { first }: RunGroup,
  panels: readonly ResultPanel[],
  status: RunStatus,
  plan: RunPlan | null,
): string {
  const last = panels.at(-1);
  if (!last) return EMPTY_HEADLINE;
  if (plan && isSampling(first.origin, status, plan)) {
    const { length } = plan.checkpointIds;
    const { n, k } = last.summary;
    return length === 1
      ? `Sampling: ${String(n)} of ${String(k)} so far`
      : `Checkpoint ${String(panels.length)} of ${String(length)}, ${last.series.title}: ${String(n)} of ${String(k)} so far`;
  }
  return outcomeOf(panels);
}

/** The headline once all samples are there; of no panel none. */
export function outcomeOf(panels: readonly ResultPanel[]): string {
  const last = panels.at(-1);
  if (!last) return '';
  return panels.length > 1
    ? sideBySideHeadline(sidesOf(panels))
    : singleHeadline(last.summary, last.record.question);
}

const isSampling = (
  origin: RunGroup['first']['origin'],
  status: RunStatus,
  { nulls }: RunPlan,
): boolean => origin === 'live' && (status === 'running' || status === 'loading') && nulls === null;

export function sentenceOf(
  { first }: RunGroup,
  panels: readonly ResultPanel[],
  status: RunStatus,
  plan: RunPlan | null,
): string {
  const { record, origin, createdAt } = first;
  if (plan && isSampling(origin, status, plan)) return SAMPLING_SENTENCE;
  const [only] = panels;
  return [
    origin === 'recorded' ? `A recorded run of ${createdAt.slice(0, 10)}.` : '',
    origin === 'stored'
      ? `From the stored run of ${createdAt.slice(0, 10)}: logits were not kept, so re-weighting needs a new run.`
      : '',
    panels.length === 1 && only
      ? supportSentence(only.summary, record.question)
      : sideBySideSentence(sidesOf(panels), record.question),
    origin === 'live' && status === 'stopped' && !plan?.nulls
      ? 'The run was stopped before it was finished.'
      : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function singleHeadline(summary: ItemSummary, question: Question): string {
  const { n, correctCount, greedyCorrect, pCorrect, support } = summary;
  if (n === 0) return 'No samples yet';
  if (correctCount === null || pCorrect === null) return 'How the answers are distributed';
  const rightCount = rightAnswers(question).length;
  if (correctCount === 0) {
    return rightCount > 1 ? 'No right answer was seen' : 'The right answer was not seen';
  }
  const right = rightCount > 1 ? 'A right answer' : 'The right answer';
  const leads = leadingIsRight(summary);
  const options = question.options.length;
  const chance = options === 0 ? null : chancePassAtK(rightCount, options, 1);
  if (chance !== null && pCorrect.upper < chance) {
    return `${right} appears, less often than by guessing`;
  }
  if (chance !== null && pCorrect.lower <= chance) {
    return leads
      ? `${right} leads, not clearly above guessing`
      : `${right} appears, not clearly above guessing`;
  }
  if (support?.supportedByImage === false) {
    return `${right} ${leads ? 'leads' : 'appears'}, not clearly more than with wrong images`;
  }
  if (greedyCorrect === true && leads) return `${right} is the first answer`;
  if (leads) return `${right} leads the samples, but is not the first answer`;
  return `${right} is in the support, but does not lead`;
}

function leadingIsRight(summary: ItemSummary): boolean {
  const [first] = summary.tally.outcomes;
  return first?.correct === true;
}

const sidesOf = (panels: readonly ResultPanel[]): readonly Side[] =>
  panels.map(({ series, summary }) => ({ title: series.title, summary }));
