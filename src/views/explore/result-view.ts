/** From the records of one run to what the charts, the verdict and the list show. Pure. */

import type { BarSeries } from '../../charts/bar-series.ts';
import type { ChartFacts } from '../../charts/chart-facts.ts';
import type { PassAtKSeries } from '../../charts/pass-at-k-series.ts';
import type { River, RiverAnswer } from '../../charts/river-tree.ts';
import { answerEntropy } from '../../core/entropy.ts';
import { formatProbability } from '../../core/format.ts';
import { summarizeItem, type ItemSummary } from '../../core/item-summary.ts';
import { isCorrect } from '../../core/parser.ts';
import { chancePassAtK, informativeK } from '../../core/pass-at-k.ts';
import { answerLabel, rightAnswers } from '../../core/question.ts';
import { supportSentence } from '../../core/support-sentence.ts';
import {
  sideBySideHeadline,
  sideBySideSentence,
  type Side,
} from '../../core/side-by-side-sentence.ts';
import type { ItemRecord, Question, Sample, Stage } from '../../core/types.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import type { RunPlan, RunStatus } from '../../state/run-session.svelte.ts';
import type { SampleRow, VerdictRow } from './explore-types.ts';

export interface ResultView {
  readonly headline: string;
  readonly sentence: string;
  /** Several checkpoints on one item: the page says that this is an anecdote. */
  readonly isAnecdote: boolean;
  readonly verdictRows: readonly VerdictRow[];
  readonly rivers: readonly River[];
  readonly answers: readonly RiverAnswer[];
  readonly bars: readonly BarSeries[];
  readonly curves: readonly PassAtKSeries[];
  readonly facts: ChartFacts;
  /** Share of each option by blind guessing; `null` without options or truth. */
  readonly chance: number | null;
  readonly informativeK: number | null;
  readonly sampleRows: readonly SampleRow[];
}

/** Before any run. */
export const emptyResult: ResultView = {
  headline: 'Does the model have the right answer in it?',
  sentence:
    'Press Run: K answers are sampled from the checkpoint, and this page shows how they are distributed and whether a right one is among them.',
  isAnecdote: false,
  verdictRows: [],
  rivers: [],
  answers: [],
  bars: [],
  curves: [],
  facts: { samples: [], sampler: null, promptMode: null, checkpoints: [], devices: [] },
  chance: null,
  informativeK: null,
  sampleRows: [],
};

/** One checkpoint's record with what was computed from it. */
interface Panel {
  /** What charts know a series by. */
  readonly series: { readonly id: string; readonly title: string; readonly stage: Stage };
  readonly record: ItemRecord;
  readonly summary: ItemSummary;
  /** Parsed answer by sample index. */
  readonly answersOf: ReadonlyMap<number, string | null>;
}

/** Everything the right side of Explore shows of a run: one series per checkpoint, shared axes. */
export function resultView(group: RunGroup, status: RunStatus, plan: RunPlan | null): ResultView {
  const { record } = group.first;
  const { question, sampler, promptMode } = record;
  const panels = group.records.map((one) => panelOf(one.record));
  const rightCount = rightAnswers(question).length;
  const options = question.options.length;
  return {
    headline: headlineOf(group, panels, status, plan),
    sentence: sentenceOf(group, panels, status),
    isAnecdote: panels.length > 1,
    verdictRows: panels
      .filter(({ summary }) => summary.n > 0)
      .map((panel) => verdictRow(panel.record, panel.summary)),
    rivers: panels.map(({ series, record: { samples }, answersOf }) => ({
      ...series,
      samples: samples.map((sample) => ({ sample, answer: answersOf.get(sample.index) ?? null })),
    })),
    answers: answerOrder(panels),
    bars: panels.map(({ series, summary }) => ({
      ...series,
      n: summary.n,
      outcomes: summary.tally.outcomes,
    })),
    curves: panels.map(({ series, summary }) => ({ ...series, points: summary.passAtK })),
    facts: {
      samples: panels.map(({ summary }) => summary.n),
      sampler,
      promptMode,
      checkpoints: panels.map(
        ({ series, record: { answerer } }) =>
          `${series.id} ${answerer.revision.slice(0, 7)}, ${decoderDtype(answerer.dtype)}`,
      ),
      devices: panels.map(({ record: { answerer } }) => answerer.device),
    },
    chance: options === 0 || rightCount === 0 ? null : 1 / options,
    informativeK:
      options === 0 || rightCount === 0 || rightCount >= options
        ? null
        : informativeK(options, rightCount),
    sampleRows: panels.flatMap(({ record: one, answersOf }) =>
      one.samples.map((sample) => sampleRow(one, sample, answersOf)),
    ),
  };
}

function panelOf(record: ItemRecord): Panel {
  const summary = summarizeItem(record);
  const answersOf = new Map(
    record.samples.map((sample, place) => [
      sample.index,
      summary.tally.answers[place]?.answer ?? null,
    ]),
  );
  const { checkpointId: id, stage } = record.answerer;
  return { series: { id, title: id, stage }, record, summary, answersOf };
}

const sidesOf = (panels: readonly Panel[]): readonly Side[] =>
  panels.map(({ series, summary }) => ({ title: series.title, summary }));

function headlineOf(
  { first }: RunGroup,
  panels: readonly Panel[],
  status: RunStatus,
  plan: RunPlan | null,
): string {
  const last = panels.at(-1);
  if (!last) return emptyResult.headline;
  // A verdict on a part of the samples would change under the reader's eyes.
  if (first.origin === 'live' && (status === 'running' || status === 'loading') && plan) {
    const { length } = plan.checkpointIds;
    const { n, k } = last.summary;
    return length === 1
      ? `Sampling: ${String(n)} of ${String(k)} so far`
      : `Checkpoint ${String(panels.length)} of ${String(length)}, ${last.series.title}: ${String(n)} of ${String(k)} so far`;
  }
  return panels.length > 1
    ? sideBySideHeadline(sidesOf(panels))
    : singleHeadline(last.summary, last.record.question);
}

function sentenceOf({ first }: RunGroup, panels: readonly Panel[], status: RunStatus): string {
  const { record, origin, createdAt } = first;
  const [only] = panels;
  return [
    origin === 'recorded' ? `A recorded run of ${createdAt.slice(0, 10)}.` : '',
    panels.length === 1 && only
      ? supportSentence(only.summary, record.question)
      : sideBySideSentence(sidesOf(panels), record.question),
    origin === 'live' && status === 'stopped' ? 'The run was stopped before it was finished.' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** One order for all rivers and bars: unparsed first, answers by key, the truth last. */
function answerOrder(panels: readonly Panel[]): RiverAnswer[] {
  const byKey = new Map(
    panels
      .flatMap(({ summary }) => summary.tally.outcomes)
      .map(({ answer, label, correct }) => [answer, { key: answer, label, correct }]),
  );
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

function singleHeadline(summary: ItemSummary, question: Question): string {
  const { n, correctCount, greedyCorrect, pCorrect } = summary;
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
  if (greedyCorrect === true && leads) return `${right} is the first answer`;
  if (leads) return `${right} leads the samples, but is not the first answer`;
  return `${right} is in the support, but does not lead`;
}

function leadingIsRight(summary: ItemSummary): boolean {
  const [first] = summary.tally.outcomes;
  return first?.correct === true;
}

function verdictRow(record: ItemRecord, summary: ItemSummary): VerdictRow {
  const { pCorrect, sampleAccuracy } = summary;
  const { checkpointId, stage } = record.answerer;
  return {
    id: checkpointId,
    title: checkpointId,
    stage,
    greedyAnswer: summary.greedyAnswer && answerLabel(summary.greedyAnswer.answer, record.question),
    greedyCorrect: summary.greedyCorrect,
    rightShare:
      pCorrect === null || sampleAccuracy === null
        ? null
        : `${formatProbability(sampleAccuracy)} (${formatProbability(pCorrect.lower)}–${formatProbability(pCorrect.upper)})`,
    answerEntropyNats: summary.entropy?.plugInNats ?? null,
    traceEntropyNats: traceEntropy(record.samples),
    uniqueAnswers: summary.uniqueAnswers,
    unparsedShare: summary.unparsedShare,
    formatFailure: summary.formatFailure,
  };
}

/** Plug-in entropy over whole texts, nats. */
function traceEntropy(samples: readonly Sample[]): number | null {
  const counts = new Map<string, number>();
  for (const { text } of samples) counts.set(text, (counts.get(text) ?? 0) + 1);
  return answerEntropy([...counts.values()], 0)?.plugInNats ?? null;
}

function sampleRow(
  record: ItemRecord,
  sample: Sample,
  answers: ReadonlyMap<number, string | null>,
): SampleRow {
  const { checkpointId, stage } = record.answerer;
  const answer = answers.get(sample.index) ?? null;
  return {
    id: `${checkpointId}:${String(sample.index)}`,
    index: sample.index,
    checkpoint: checkpointId,
    stage,
    reasoning: reasoningOf(sample.text),
    answer: answer === null ? null : answerLabel(answer, record.question),
    correct: isCorrect({ rule: 'unparsed', answer }, record.question),
    logProb: sample.logProbs.reduce((sum, value) => sum + value, 0),
    tokenCount: sample.tokenIds.length,
    cutOff: sample.finishReason === 'length',
  };
}

/** The text before the answer, without the tags. */
function reasoningOf(text: string): string {
  const [before = ''] = text.split('<answer>');
  return before.replace(/<\/?think>/g, '').trim();
}

/** `q4` out of `decoder_model_merged q4, embed_tokens fp32`. */
function decoderDtype(dtype: string): string {
  return /decoder_model_merged (\S+?)(?:,|$)/.exec(dtype)?.[1] ?? dtype;
}
