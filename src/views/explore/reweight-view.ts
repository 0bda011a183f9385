/** From the weights of a run's samples to what the panel shows of each checkpoint. Pure. */

import type { ReweightOutcome, ReweightSeries } from '../../charts/reweight-layout.ts';
import { formatProbability } from '../../core/format.ts';
import { needsNewRun, weightedEstimate, type WeightedEstimate } from '../../core/importance.ts';
import { rightAnswers } from '../../core/question.ts';
import type { ItemRecord } from '../../core/types.ts';
import type { ReweightAnswer, ReweightTarget } from '../../state/reweighting.svelte.ts';
import type { ResultPanel } from './result-panel.ts';

type Weights = Extract<ReweightAnswer, { readonly type: 'weights' }>;
type RefusalReason = Extract<ReweightAnswer, { readonly type: 'refused' }>['reason'];

export interface ReweightRow {
  readonly series: ReweightSeries;
  /** Share of right samples as drawn; `null` without a marked truth. */
  readonly sampledRight: number | null;
  /** Under the target; `null` without a truth, without weight and where it was refused. */
  readonly right: WeightedEstimate | null;
  readonly n: number;
  /** `null` where it was refused. */
  readonly effectiveSampleSize: number | null;
  /** Why only a new run can tell, a sentence; `null` when the weights are good enough. */
  readonly problem: string | null;
  /** Bound of the error of a log weight, nats; 0 where nothing was shortened. */
  readonly logWeightError: number;
}

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  'greedy-run': 'A run at temperature 0 has one answer and says nothing of another policy.',
  'temperature-of-filtered-run':
    'The run’s filters dropped tokens that count at another temperature: no sample could have them.',
  'wider-filters': 'This keeps tokens that the run’s filters dropped: no sample could have them.',
  'nothing-sampled': 'The checkpoint was loaded again since, and the logits of the run are gone.',
  'other-run-kept': 'Only a checkpoint’s last run has its logits at hand; this is an earlier one.',
  'rows-not-kept': 'The logits of the run took more memory than may be kept.',
  'cut-not-kept':
    'The logits of the run were shortened to fit the memory, and this filter cuts in what was left out.',
};

/** @param answer `undefined` before the sliders are moved */
export function reweightRow(panel: ResultPanel, answer: ReweightAnswer | undefined): ReweightRow {
  const { record, summary, series } = panel;
  const weights = answer?.type === 'weights' ? answer : null;
  const right = rightAnswers(record.question);
  return {
    series: { ...series, outcomes: outcomesOf(panel, weights) },
    sampledRight: summary.sampleAccuracy,
    right: weights && right.length > 0 ? estimateOf(panel, weights, right) : null,
    n: summary.n,
    effectiveSampleSize: weights && weights.effectiveSampleSize,
    problem: problemOf(answer),
    logWeightError: weights?.logWeightError ?? 0,
  };
}

function problemOf(answer: ReweightAnswer | undefined): string | null {
  if (answer === undefined) return null;
  if (answer.type === 'refused') return REFUSALS[answer.reason];
  if (answer.type === 'failed') return answer.message;
  if (answer.effectiveSampleSize === 0) return 'None of the samples can be drawn there.';
  return needsNewRun(answer.weights)
    ? `A few samples carry the weight: they are worth ${effectiveWords(answer.effectiveSampleSize)} of ${String(answer.weights.length)}, too few to trust.`
    : null;
}

function outcomesOf(panel: ResultPanel, weights: Weights | null): readonly ReweightOutcome[] {
  return panel.summary.tally.outcomes.map(({ answer, share }) => ({
    answer,
    sampled: share,
    weighted: weights && estimateOf(panel, weights, [answer]),
  }));
}

/** Samples count by what they said: what a trace makes of its answers is known for the run's policy only. */
function estimateOf(
  { answersOf }: ResultPanel,
  { weights, sampleIndexes }: Weights,
  event: readonly (string | null)[],
): WeightedEstimate | null {
  const values = sampleIndexes.map((index) => {
    const said = answersOf.get(index);
    return said !== undefined && event.includes(said) ? 1 : 0;
  });
  return weightedEstimate(weights, values);
}

/** Never more than it is: 15.97 of 16 reads 15. */
export const effectiveWords = (size: number): string =>
  size < 10 ? (Math.floor(size * 10 + 1e-6) / 10).toFixed(1) : String(Math.floor(size + 1e-6));

export const targetWords = ({ temperature, topP }: ReweightTarget): string =>
  `T = ${String(temperature)}, top-p = ${String(topP)}`;

export function reweightCaption(
  { sampler, promptMode }: ItemRecord,
  target: ReweightTarget,
  rows: readonly ReweightRow[],
): string {
  const error = Math.max(0, ...rows.map(({ logWeightError }) => logWeightError));
  return [
    `mark: ${targetWords(target)}, re-weighted from the samples, with 95 % interval`,
    `bar: sampled at ${targetWords(sampler)}`,
    `n = ${[...new Set(rows.map(({ n }) => n))].join(' / ')}, K = ${String(sampler.k)}, seed ${String(sampler.seed)}, ${promptMode}`,
    error > 0 ? `log weights within ${error.toPrecision(2)} nat` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

export const estimateWords = ({
  probability,
  interval,
}: Pick<WeightedEstimate, 'probability' | 'interval'>): string =>
  `${formatProbability(probability)} (${formatProbability(interval.lower)}–${formatProbability(interval.upper)})`;
