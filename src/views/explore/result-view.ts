/** From one record to what the charts, the verdict and the list show. Pure. */

import type { BarSeries } from '../../charts/AnswerBars.svelte';
import type { ChartFacts } from '../../charts/chart-facts.ts';
import type { PassAtKSeries } from '../../charts/PassAtKChart.svelte';
import type { River, RiverAnswer } from '../../charts/river-tree.ts';
import { answerEntropy } from '../../core/entropy.ts';
import { formatProbability } from '../../core/format.ts';
import { summarizeItem, type ItemSummary } from '../../core/item-summary.ts';
import { isCorrect } from '../../core/parser.ts';
import { chancePassAtK, informativeK } from '../../core/pass-at-k.ts';
import { answerLabel, rightAnswers } from '../../core/question.ts';
import { supportSentence } from '../../core/support-sentence.ts';
import type { ItemRecord, Question, Sample } from '../../core/types.ts';
import type { RunStatus, SessionRecord } from '../../state/run-session.svelte.ts';
import type { SampleRow, VerdictRow } from './explore-types.ts';

export interface ResultView {
  readonly headline: string;
  readonly sentence: string;
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

/** Everything the right side of Explore shows of a record. `isStale`: the controls have moved on. */
export function resultView(
  { record, origin, createdAt }: SessionRecord,
  status: RunStatus,
  isStale: boolean,
): ResultView {
  const summary = summarizeItem(record);
  const { question, samples, answerer, sampler, promptMode } = record;
  const id = answerer.checkpointId;
  const { stage } = answerer;
  const rightCount = rightAnswers(question).length;
  const answersOf = new Map(
    samples.map((sample, place) => [sample.index, summary.tally.answers[place]?.answer ?? null]),
  );
  return {
    // A verdict on a part of the samples would change under the reader's eyes.
    headline:
      origin === 'live' && status === 'running'
        ? `Sampling: ${String(summary.n)} of ${String(summary.k)} so far`
        : headlineOf(summary, question),
    sentence: [
      origin === 'recorded' ? `A recorded run of ${createdAt.slice(0, 10)}.` : '',
      supportSentence(summary, question),
      origin === 'live' && status === 'stopped'
        ? 'The run was stopped before it was finished.'
        : '',
      isStale ? 'The settings were changed since: press Run for a new result.' : '',
    ]
      .filter((part) => part !== '')
      .join(' '),
    verdictRows: samples.length === 0 ? [] : [verdictRow(record, summary)],
    rivers: [
      {
        id,
        title: id,
        stage,
        samples: samples.map((sample) => ({
          sample,
          answer: answersOf.get(sample.index) ?? null,
        })),
      },
    ],
    answers: answerOrder(summary),
    bars: [{ id, title: id, stage, n: summary.n, outcomes: summary.tally.outcomes }],
    curves: [{ id, title: id, stage, points: summary.passAtK }],
    facts: {
      samples: [summary.n],
      sampler,
      promptMode,
      checkpoints: [`${id} ${answerer.revision.slice(0, 7)}, ${decoderDtype(answerer.dtype)}`],
      devices: [answerer.device],
    },
    chance: question.options.length === 0 || rightCount === 0 ? null : 1 / question.options.length,
    informativeK:
      question.options.length === 0 || rightCount === 0 || rightCount >= question.options.length
        ? null
        : informativeK(question.options.length, rightCount),
    sampleRows: samples.map((sample) => sampleRow(record, sample, answersOf)),
  };
}

/** One order for rivers and bars: options as asked, the truth last, unparsed behind it. */
function answerOrder(summary: ItemSummary): RiverAnswer[] {
  const answers = summary.tally.outcomes
    .filter(({ answer }) => answer !== null)
    .toSorted((a, b) => Number(a.correct) - Number(b.correct) || compare(a.answer, b.answer))
    .map(({ answer, label, correct }) => ({ key: answer, label, correct }));
  const unparsed = summary.tally.outcomes.find(({ answer }) => answer === null);
  return unparsed
    ? [{ key: null, label: unparsed.label, correct: unparsed.correct }, ...answers]
    : answers;
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

function headlineOf(summary: ItemSummary, question: Question): string {
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
