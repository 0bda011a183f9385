/** From bounds and records to what the panel and the trace editor show. Pure. */

import {
  boundAnswers,
  type BoundAnswers,
  type BoundsSeries,
} from '../../charts/exact-bounds-layout.ts';
import { isDrawable } from '../../charts/exact-mark.ts';
import type { RiverAnswer } from '../../charts/river-tree.ts';
import {
  boundOf,
  passAtKBounds,
  pCorrectBounds,
  type AnswerBounds,
} from '../../core/answer-bounds.ts';
import { boundsWords, residualWords } from '../../core/bounds-words.ts';
import { formatDifference } from '../../core/format.ts';
import type { Interval } from '../../core/intervals.ts';
import { isCorrect } from '../../core/parser.ts';
import { answerLabel } from '../../core/question.ts';
import { supportAtEpsilon } from '../../core/support.ts';
import type { ItemRecord, Question } from '../../core/types.ts';
import type { ExactKnobs } from '../../state/exact-access.ts';
import type { CheckpointBounds } from '../../state/exact-bounds.svelte.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import type { ScoredTrace } from '../../state/trace-score.svelte.ts';
import { panelOf } from './result-panel.ts';

type ExactProgress = NonNullable<CheckpointBounds['progress']>;
type ListedSource = NonNullable<ExactProgress['listed']>;

export interface ExactView extends BoundAnswers {
  readonly series: readonly BoundsSeries[];
}

/** One series per checkpoint that has bounds, in the order of the records. */
export function exactView(
  { first, records }: RunGroup,
  bounds: readonly CheckpointBounds[],
  known: readonly RiverAnswer[],
): ExactView {
  const series = records.flatMap(({ record }): BoundsSeries[] => {
    const { checkpointId: id, stage } = record.answerer;
    const progress = bounds.find(({ checkpointId }) => checkpointId === id)?.progress;
    if (!progress) return [];
    const { answers, residual } = progress.bounds;
    return [{ id, title: id, stage, bounds: answers, residual, sampled: sampledShares(record) }];
  });
  const { question } = first.record;
  return { series, ...boundAnswers(known, series, (answer) => describeAnswer(answer, question)) };
}

const sampledShares = (record: ItemRecord): ReadonlyMap<string | null, number> =>
  new Map(panelOf(record).summary.tally.outcomes.map(({ answer, share }) => [answer, share]));

const describeAnswer = (answer: string | null, question: Question): RiverAnswer => ({
  key: answer,
  label: answerLabel(answer, question),
  correct: isCorrect({ rule: 'unparsed', answer }, question),
});

const PHASE_WORDS: Readonly<Record<CheckpointBounds['phase'], string>> = {
  waiting: 'waiting',
  running: 'running',
  failed: 'failed',
  epsilon: 'ε reached',
  budget: 'node budget spent',
  stopped: 'stopped, bounds so far kept',
  memory: 'memory full, the rest had no room',
  listed: 'all that the lists say is read',
};

const TOO_WIDE =
  'Not drawn on the bars and the curve: any answer could still be the most probable.';

export interface ExactLine {
  readonly id: string;
  /** In the support at ε; `null` without a marked truth or without bounds. */
  readonly support: 'yes' | 'no' | 'undecided' | null;
  /** The finding in a sentence. */
  readonly finding: string;
  /** Why the bounds stand in this panel only; empty where they are drawn beside the samples too. */
  readonly note: string;
  /** What a server's bounds are of and where they come from; empty for those of a model. */
  readonly source: string;
  /** How it ended and what it took. */
  readonly cost: string;
  readonly error: string | null;
}

export function exactLine(record: ItemRecord, one: CheckpointBounds): ExactLine {
  const { progress, knobs, phase, error } = one;
  const line = { id: one.checkpointId, error: error?.message ?? null };
  if (progress === null) {
    return { ...line, support: null, finding: '', note: '', source: '', cost: PHASE_WORDS[phase] };
  }
  const { bounds, listed } = progress;
  const pCorrect = pCorrectBounds(bounds, record.question);
  const isListed = listed !== undefined;
  return {
    ...line,
    support: pCorrect && supportAtEpsilon(pCorrect, knobs.epsilon),
    finding: findingWords(pCorrect, bounds, { k: record.sampler.k, ...knobs, isListed }),
    note: phase === 'running' || isDrawable(bounds) ? '' : TOO_WIDE,
    source: listed ? sourceWords(listed) : '',
    cost: costWords(phase, progress),
  };
}

function costWords(phase: CheckpointBounds['phase'], progress: ExactProgress): string {
  const { bounds, nodes, passes, elapsedMs, listed } = progress;
  const rest = residualWords(bounds.residual);
  const parts = listed
    ? [
        phase === 'budget' ? 'token budget spent' : PHASE_WORDS[phase],
        `${rest} outside the lists`,
        `${counted(listed.answers, 'answer')} read, ${counted(nodes, 'token')} drawn`,
      ]
    : [
        PHASE_WORDS[phase],
        `${rest} unexplored`,
        `${counted(nodes, 'node')} in ${String(passes)} ${passes === 1 ? 'pass' : 'passes'}`,
      ];
  return [...parts, secondsWords(elapsedMs)].join(' · ');
}

const counted = (count: number, name: string): string =>
  `${String(count)} ${name}${count === 1 ? '' : 's'}`;

/** What is bounded, and by what. */
function sourceWords({ reading, alternatives, caution }: ListedSource): string {
  const n = String(alternatives);
  const words =
    reading === 'first-letter'
      ? `The probability of the letter behind <answer>, read from the ${n} most probable tokens that the server lists. What it does not list bounds it; what would follow the letter is left out.`
      : `The probability of whole answers, from the ${n} most probable tokens that the server lists beside each token it drew. What it did not list or draw bounds it.`;
  return caution === null ? words : `${words} ${caution} Its samples may then lie outside.`;
}

const secondsWords = (elapsedMs: number): string => `${(elapsedMs / 1000).toFixed(1)} s`;

function findingWords(
  pCorrect: Interval | null,
  bounds: AnswerBounds,
  { k, epsilon, isListed }: { readonly k: number; readonly isListed: boolean } & ExactKnobs,
): string {
  if (pCorrect === null) return 'No truth is marked: the bounds are of each answer.';
  const right = boundsWords(pCorrect);
  const atK = boundsWords(passAtKBounds(pCorrect, k));
  const figures = `P(right) ${right}, Pass@${String(k)} ${atK}.`;
  const support = supportAtEpsilon(pCorrect, epsilon);
  if (support === 'yes') return `In the support at ε = ${String(epsilon)}: yes. ${figures}`;
  if (support === 'no') return `In the support at ε = ${String(epsilon)}: no. ${figures}`;
  const open = `${residualWords(bounds.residual)} is ${isListed ? 'outside the lists' : 'unexplored'}`;
  return `In the support at ε = ${String(epsilon)}: undecided, ${open}. ${figures}`;
}

export interface TraceRow {
  readonly key: string | null;
  readonly label: string;
  readonly correct: boolean | null;
  readonly before: string;
  readonly after: string;
  /** e.g. `+0.12`; a range where the bounds leave one. */
  readonly difference: string;
}

/** P(answer) after the original and after the edited trace; what neither gives is left out. */
export function traceRows(
  { before, after }: { readonly before: ScoredTrace; readonly after: ScoredTrace },
  question: Question,
): readonly TraceRow[] {
  const [from, to] = [before.progress.bounds, after.progress.bounds];
  const keys = new Set([...to.answers, ...from.answers].map(({ answer }) => answer));
  return [...keys]
    .map((key) => ({ key, a: boundOf(from, key), b: boundOf(to, key) }))
    .filter(({ key, a, b }) => isOption(key, question) || a.lower >= 0.005 || b.lower >= 0.005)
    .map(({ key, a, b }) => ({
      ...describeAnswer(key, question),
      before: boundsWords(a),
      after: boundsWords(b),
      difference: differenceWords(a, b),
    }));
}

const isOption = (key: string | null, question: Question): boolean =>
  key !== null && question.options.length > 0;

/** Certain bounds of a difference, rounded outwards; one number where both round to it. */
function differenceWords(a: Interval, b: Interval): string {
  const [least, most] = [b.lower - a.upper, b.upper - a.lower];
  const nearest = formatDifference(least);
  if (nearest === formatDifference(most)) return nearest;
  // The hair keeps a sum that rounding left beside a whole hundredth on it.
  const down = Math.floor(least * 100 + 1e-9) / 100;
  const up = Math.ceil(most * 100 - 1e-9) / 100;
  return `${formatDifference(down)} to ${formatDifference(up)}`;
}
