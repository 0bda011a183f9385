/** From the weights of a run's samples and its exact tree to what the panel shows of each checkpoint. Pure. */

import { isDrawable } from '../../charts/exact-mark.ts';
import type { ReweightOutcome, ReweightSeries } from '../../charts/reweight-layout.ts';
import { pCorrectBounds, type AnswerBounds } from '../../core/answer-bounds.ts';
import {
  boundsName,
  boundsWords,
  residualWords,
  type BoundsName,
} from '../../core/bounds-words.ts';
import { formatProbability } from '../../core/format.ts';
import { needsNewRun, weightedEstimate, type WeightedEstimate } from '../../core/importance.ts';
import type { Interval } from '../../core/intervals.ts';
import type { ItemRecord } from '../../core/types.ts';
import type {
  ExactReweightAnswer,
  ReweightAnswer,
  Reweighted,
  ReweightTarget,
} from '../../state/reweighting.svelte.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import { panelOf, type ResultPanel } from './result-panel.ts';

type Weights = Extract<ReweightAnswer, { readonly type: 'weights' }>;
type RefusalReason = Extract<ReweightAnswer, { readonly type: 'refused' }>['reason'];

/** The exact distribution under the target: certain bounds, without samples to lose. */
export interface ExactAtTarget {
  readonly bounds: AnswerBounds;
  /** `null` without a marked truth. */
  readonly right: Interval | null;
  /** e.g. `0.68`; `null` without a marked truth. */
  readonly rightWords: string | null;
  /** How sharp it is, e.g. `0.00093 unexplored`. */
  readonly openWords: string;
  readonly name: BoundsName;
}

export interface ReweightRow {
  readonly series: ReweightSeries;
  /** Share of right samples as drawn; `null` without a marked truth. */
  readonly sampledRight: number | null;
  /** Under the target; `null` without a truth, without weight and where it was refused. */
  readonly right: WeightedEstimate | null;
  readonly n: number;
  /** `null` where it was refused. */
  readonly effectiveSampleSize: number | null;
  /** Why the samples cannot tell, a sentence; `null` when the weights are good enough. */
  readonly problem: string | null;
  /** `null` where no tree was computed for the run, or none is at hand. */
  readonly exact: ExactAtTarget | null;
  /** Why a tree that was computed says nothing of the target, a sentence; else `null`. */
  readonly exactProblem: string | null;
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

const EXACT_REFUSALS: Readonly<
  Record<Exclude<ExactReweightAnswer['reason'], null | 'failed'>, string>
> = {
  'nothing-computed': 'The exact tree of this run is not at hand any more: bound it exactly again.',
  'other-run-kept':
    'Only the run that was bounded last has its exact tree at hand; this is an earlier one: bound it exactly again.',
  'logits-not-kept': 'The exact tree took more memory than may be kept.',
};

const LISTS_GONE =
  'What the server listed for this run is not at hand any more, or is of a later run: bound it again.';

/**
 * @param answer `undefined` before the sliders are moved
 * @param exact `undefined` where no exact bounds were computed for the run
 * @param isListed whether those are from what a server listed
 */
export function reweightRow(
  panel: ResultPanel,
  answer: ReweightAnswer | undefined,
  exact?: ExactReweightAnswer,
  isListed = false,
): ReweightRow {
  const { record, summary, series } = panel;
  const weights = answer?.type === 'weights' ? answer : null;
  const right = summary.tally.outcomes
    .filter(({ correct }) => correct === true)
    .map(({ answer }) => answer);
  const bounds = exact?.bounds ?? null;
  const isDrawn = bounds !== null && isDrawable(bounds);
  const problem = problemOf(answer);
  return {
    series: {
      ...series,
      outcomes: outcomesOf(panel, weights),
      ...(isDrawn && { exact: bounds }),
    },
    sampledRight: summary.sampleAccuracy,
    right: weights && summary.correctCount !== null ? estimateOf(panel, weights, right) : null,
    n: summary.n,
    effectiveSampleSize: weights && weights.effectiveSampleSize,
    problem: problem !== null && isDrawn ? `${problem} ${HOLDS[boundsName([isListed])]}` : problem,
    exact: bounds && exactAt(bounds, pCorrectBounds(bounds, record.question), isListed),
    exactProblem: exactProblemOf(exact, isListed),
    logWeightError: weights?.logWeightError ?? 0,
  };
}

const HOLDS: Readonly<Record<BoundsName, string>> = {
  exact: 'The exact probabilities still hold: they need no samples.',
  bounded: 'The bounds still hold: they need no samples.',
  'exact or bounded': '',
};

function exactAt(bounds: AnswerBounds, right: Interval | null, isListed: boolean): ExactAtTarget {
  const [all, some] = isListed
    ? ['all listed', 'outside the lists']
    : ['all explored', 'unexplored'];
  const rest = residualWords(bounds.residual);
  const open = rest === '0' ? all : `${rest} ${some}`;
  const wide = isDrawable(bounds) ? '' : ', too much to draw';
  return {
    ...{ bounds, right, rightWords: right && boundsWords(right), openWords: open + wide },
    name: boundsName([isListed]),
  };
}

function exactProblemOf(exact: ExactReweightAnswer | undefined, isListed: boolean): string | null {
  if (!exact || exact.reason === null) return null;
  if (exact.reason === 'failed') return exact.message;
  return isListed ? LISTS_GONE : EXACT_REFUSALS[exact.reason];
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

/** What the samples say of other settings, for the bars: one probability a checkpoint and answer. */
export interface ReweightedBars {
  readonly words: string;
  readonly probabilityOf: (checkpointId: string, answer: string | null) => number | null;
}

/** @returns `null` where the sliders were not moved */
export function reweightedBars(
  shown: RunGroup | null,
  result: Reweighted | null,
): ReweightedBars | null {
  if (!shown || !result) return null;
  const rows = shown.records.map(({ record }) => {
    const panel = panelOf(record);
    return reweightRow(panel, result.answers[panel.series.id]);
  });
  return {
    words: targetWords(result.target),
    probabilityOf: (checkpointId, answer) =>
      rows
        .find(({ series }) => series.id === checkpointId)
        ?.series.outcomes.find((outcome) => outcome.answer === answer)?.weighted?.probability ??
      null,
  };
}

/** In parts; some may be empty. */
export function reweightCaption(
  { sampler, promptMode }: ItemRecord,
  target: ReweightTarget,
  rows: readonly ReweightRow[],
): readonly string[] {
  const error = Math.max(0, ...rows.map(({ logWeightError }) => logWeightError));
  return [
    rows.some(({ effectiveSampleSize }) => effectiveSampleSize !== null)
      ? `mark: ${targetWords(target)}, re-weighted from the samples, with 95 % interval`
      : '',
    `bar: sampled at ${targetWords(sampler)}`,
    `n = ${[...new Set(rows.map(({ n }) => n))].join(' / ')}, K = ${String(sampler.k)}, seed ${String(sampler.seed)}, ${promptMode}`,
    error > 0 ? `log weights within ${error.toPrecision(2)} nat` : '',
  ];
}

export const estimateWords = ({
  probability,
  interval,
}: Pick<WeightedEstimate, 'probability' | 'interval'>): string =>
  `${formatProbability(probability)} (${formatProbability(interval.lower)}–${formatProbability(interval.upper)})`;
