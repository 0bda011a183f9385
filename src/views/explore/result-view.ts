/** From the records of one run to what the charts, the verdict and the list show. Pure. */

import type { BarSeries } from '../../charts/bar-series.ts';
import { checkpointWords, factsLine, type ChartFacts } from '../../charts/chart-facts.ts';
import type { PassAtKSeries } from '../../charts/pass-at-k-series.ts';
import type { River, RiverAnswer } from '../../charts/river-tree.ts';
import { informativeK } from '../../core/pass-at-k.ts';
import { answerLabel, rightAnswers } from '../../core/question.ts';
import type { Question } from '../../core/types.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import type { RunPlan, RunStatus } from '../../state/run-session.svelte.ts';
import type { SampleRow, VerdictRow } from './explore-types.ts';
import { blindShares, nullCounts, nullCurves, nullsCaption, nullsNote } from './null-words.ts';
import { resultCaption } from './result-caption.ts';
import { panelOf, type ResultPanel } from './result-panel.ts';
import { sampleRow, verdictRow } from './result-rows.ts';
import {
  EMPTY_HEADLINE,
  headlineOf,
  outcomeOf,
  SAMPLING_SENTENCE,
  sentenceOf,
} from './verdict-words.ts';

/** What the verdict says: of the records, and of how far the run is. */
export interface ResultWords {
  readonly headline: string;
  readonly sentence: string;
  /** Why nulls are missing, or that they are being drawn; empty when there is nothing to say. */
  readonly nullsNote: string;
}

export interface ResultView {
  /** Several checkpoints on one item: the page says that this is an anecdote. */
  readonly isAnecdote: boolean;
  readonly verdictRows: readonly VerdictRow[];
  readonly rivers: readonly River[];
  readonly answers: readonly RiverAnswer[];
  /** Share of each answer with a wrong image, by checkpoint. */
  readonly wrongImage: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly bars: readonly BarSeries[];
  readonly curves: readonly PassAtKSeries[];
  readonly facts: ChartFacts;
  /** Share of each option by blind guessing; `null` without options or truth. */
  readonly chance: number | null;
  readonly informativeK: number | null;
}

/** Of a run without a sample yet. */
export const emptyWords: ResultWords = {
  headline: EMPTY_HEADLINE,
  sentence: SAMPLING_SENTENCE,
  nullsNote: '',
};

export const emptyResult: ResultView = {
  isAnecdote: false,
  verdictRows: [],
  rivers: [],
  answers: [],
  wrongImage: {},
  bars: [],
  curves: [],
  facts: { line: 'n = 0', full: [], name: '' },
  chance: null,
  informativeK: null,
};

/** Apart from the view: while a run goes on these change many times a second, the records do not. */
export function resultWords(group: RunGroup, status: RunStatus, plan: RunPlan | null): ResultWords {
  const panels = group.records.map((one) => panelOf(one.record));
  return {
    headline: headlineOf(group, panels, status, plan),
    sentence: sentenceOf(group, panels, status, plan),
    nullsNote: nullsNote(group, panels, status, plan),
  };
}

/** The list of samples, one checkpoint after the other. */
export const sampleRowsOf = ({ records }: RunGroup): readonly SampleRow[] =>
  records.flatMap((one) => {
    const { answersOf } = panelOf(one.record);
    return one.record.samples.map((sample) => sampleRow(one, sample, answersOf));
  });

/** The charts and the table of a run: one series per checkpoint, shared axes. */
export function resultView(group: RunGroup): ResultView {
  const { record } = group.first;
  const { question, sampler, promptMode } = record;
  const panels = group.records.map((one) => panelOf(one.record));
  const rightCount = rightAnswers(question).length;
  const options = question.options.length;
  return {
    isAnecdote: panels.length > 1,
    verdictRows: panels.filter(({ summary }) => summary.n > 0).map(verdictRow),
    rivers: panels.map(({ series, record: { samples }, answersOf }) => ({
      ...series,
      samples: samples.map((sample) => ({ sample, answer: answersOf.get(sample.index) ?? null })),
    })),
    answers: answerOrder(panels, question),
    wrongImage: Object.fromEntries(
      panels.flatMap(({ series, summary }) => {
        const shares = blindShares(summary.nulls);
        return shares ? [[series.id, shares]] : [];
      }),
    ),
    bars: panels.map(({ series, summary }) => ({
      ...series,
      n: summary.n,
      outcomes: summary.tally.outcomes,
      nulls: nullCounts(summary.nulls),
    })),
    curves: panels.map(({ series, summary }) => ({
      ...series,
      points: summary.passAtK,
      nulls: nullCurves(summary.nulls),
    })),
    facts: {
      line: factsLine({
        samples: panels.map(({ summary }) => summary.n),
        sampler,
        promptMode,
        checkpoints: panels.map(({ record: { answerer } }) => checkpointWords(answerer)),
        devices: panels.map(({ record: { answerer } }) => answerer.device),
      }),
      full: [outcomeOf(panels), ...resultCaption(group)].filter((line) => line !== ''),
      name: record.itemId,
      nulls: nullsCaption(panels),
    },
    chance: options === 0 || rightCount === 0 ? null : 1 / options,
    informativeK:
      options === 0 || rightCount === 0 || rightCount >= options
        ? null
        : informativeK(options, rightCount),
  };
}

/**
 * One order for all rivers and bars: unparsed first, answers by key, the truth last. The options and the
 * truth have a place even where no sample said them; other texts that count as right only when said.
 */
function answerOrder(panels: readonly ResultPanel[], question: Question): RiverAnswer[] {
  const byKey = new Map<string | null, RiverAnswer>(
    rightAnswers(question)
      .slice(0, question.options.length === 0 ? 1 : undefined)
      .map((key) => [key, { key, label: answerLabel(key, question), correct: true }]),
  );
  for (const { answer: key, label, correct } of panels.flatMap(
    ({ summary }) => summary.tally.outcomes,
  )) {
    byKey.set(key, { key, label, correct });
  }
  return [...byKey.values()].sort(
    (a, b) =>
      Number(b.key === null) - Number(a.key === null) ||
      Number(a.correct) - Number(b.correct) ||
      compare(a.key, b.key),
  );
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
