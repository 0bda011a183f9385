/** Rao–Blackwell beside counting, for the right answer of each checkpoint, in words. Pure. */

import { formatProbability } from '../../core/format.ts';
import {
  answerDistributions,
  eventProbabilities,
  raoBlackwellPassAtK,
  summarizeRaoBlackwell,
  type RaoBlackwellEstimate,
} from '../../core/rao-blackwell.ts';
import { isRight } from '../../core/question.ts';
import type { ItemRecord, Stage } from '../../core/types.ts';
import { panelOf } from './result-panel.ts';

export interface EstimateRow {
  readonly id: string;
  readonly stage: Stage;
  readonly n: number;
  /** e.g. `0.48 (0.36–0.60)`: share with its Wilson interval, and Rao–Blackwell with its own. */
  readonly sampled: string;
  readonly raoBlackwell: string;
  /** What the variance ratio means. */
  readonly gain: string;
  /** Unbiased Pass@n of the n samples at hand: counted it is 0 or 1, by the traces anything between. */
  readonly sampledPassAtK: string;
  readonly passAtK: string;
  /** How many samples vote with their trace's distribution, and what was not followed. */
  readonly votes: string;
}

/** Above this ratio of variances the traces leave the samples nothing to tell. */
const NOTHING_GAINED = 0.95;
/** No finite number of samples shows a larger gain than their own number. */
const gainWords = ({ varianceRatio, n }: RaoBlackwellEstimate): string => {
  if (varianceRatio === null) return 'all traces agree: nothing to tell apart';
  if (varianceRatio > NOTHING_GAINED) return 'the traces decide the answer: nothing gained';
  const times = 1 / varianceRatio;
  return times > n
    ? `each sample tells as much as more than ${String(n)} plain ones`
    : `each sample tells as much as ${times >= 100 ? times.toFixed(0) : times.toPrecision(2)} plain ones`;
};

/** `null` without traces, without samples and without a marked truth. */
export function estimateRow(record: ItemRecord): EstimateRow | null {
  const { samples, question, answerDistributions: known, answerer } = record;
  if (known === undefined || known.traces.length === 0) return null;
  const summary = summarizeRaoBlackwell(samples, known.traces, question);
  const right = (summary?.outcomes ?? [])
    .map(({ answer }) => answer)
    .filter((answer) => isRight(answer, question) === true);
  const { pCorrect, sampleAccuracy, passAtK } = panelOf(record).summary;
  const last = passAtK.at(-1);
  if (!summary?.correct || pCorrect === null || sampleAccuracy === null || !last) return null;
  const votes = eventProbabilities(answerDistributions(samples, known.traces, question), right);
  const { correct, votingShare, meanUnresolvedMass } = summary;
  const [byTrace] = raoBlackwellPassAtK(votes, [samples.length]);
  return {
    id: answerer.checkpointId,
    stage: answerer.stage,
    n: samples.length,
    sampled: withInterval(sampleAccuracy, pCorrect),
    raoBlackwell: withInterval(correct.probability, correct.interval),
    gain: gainWords(correct),
    sampledPassAtK: probability(last.unbiased),
    passAtK: probability(byTrace),
    votes: `${String(Math.round(votingShare * samples.length))} of ${String(samples.length)} samples vote with their trace, ${formatProbability(meanUnresolvedMass)} of its mass not followed`,
  };
}

/** Why a server gave no answers behind the traces of its samples; `null` where there are some, or none were asked for. */
export function missingWords(
  record: ItemRecord,
): { readonly id: string; readonly words: string } | null {
  const reason = record.answerDistributions?.missing ?? null;
  const { checkpointId: id } = record.answerer;
  return reason === null
    ? null
    : { id, words: `${id}: counted only, no Rao–Blackwell estimate. ${reason}` };
}

const probability = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : formatProbability(Math.max(0, value));

const withInterval = (value: number, interval: RaoBlackwellEstimate['interval']): string =>
  `${formatProbability(value)} (${formatProbability(interval.lower)}–${formatProbability(interval.upper)})`;
