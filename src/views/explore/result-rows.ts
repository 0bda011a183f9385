/** Rows of the verdict's table and of the list of samples. Pure. */

import { answerEntropy } from '../../core/entropy.ts';
import { formatProbability } from '../../core/format.ts';
import type { Interval } from '../../core/intervals.ts';
import type { NullsSummary } from '../../core/null-summary.ts';
import { isCorrect } from '../../core/parser.ts';
import { answerLabel } from '../../core/question.ts';
import { tokenCount, totalLogProb } from '../../core/sample-facts.ts';
import type { Sample } from '../../core/types.ts';
import { unstatedOf, unstatedWords } from '../../core/unstated.ts';
import type { SessionRecord } from '../../state/run-groups.ts';
import type { SampleRow, VerdictRow } from './explore-types.ts';
import type { ResultPanel } from './result-panel.ts';

/** `0.48 (0.36–0.60)` */
const shareText = (share: number, { lower, upper }: Interval): string =>
  `${formatProbability(share)} (${formatProbability(lower)}–${formatProbability(upper)})`;

export function verdictRow({ record, summary }: ResultPanel): VerdictRow {
  const { pCorrect, sampleAccuracy } = summary;
  const { checkpointId, stage } = record.answerer;
  return {
    id: checkpointId,
    title: checkpointId,
    stage,
    greedyAnswer: summary.greedyAnswer && answerLabel(summary.greedyAnswer.answer, record.question),
    greedyCorrect: summary.greedyCorrect,
    rightShare:
      pCorrect === null || sampleAccuracy === null ? null : shareText(sampleAccuracy, pCorrect),
    answerEntropyNats: summary.entropy?.plugInNats ?? null,
    traceEntropyNats: traceEntropy(record.samples),
    uniqueAnswers: summary.uniqueAnswers,
    unparsedShare: summary.unparsedShare,
    formatFailure: summary.formatFailure,
    ...(summary.nulls && { nulls: nullShares(summary.nulls) }),
  };
}

function nullShares({ secondSeed, wrongImages }: NullsSummary): NonNullable<VerdictRow['nulls']> {
  const c = secondSeed?.correctCount ?? null;
  const n = secondSeed?.tally.n ?? 0;
  const pBlind = wrongImages?.pBlind ?? null;
  return {
    secondSeed: c === null || n === 0 ? null : formatProbability(c / n),
    wrongImages: pBlind && shareText(pBlind.mean, pBlind.interval),
  };
}

/** Plug-in entropy over whole texts, nats. */
function traceEntropy(samples: readonly Sample[]): number | null {
  const counts = new Map<string, number>();
  for (const { text } of samples) counts.set(text, (counts.get(text) ?? 0) + 1);
  return answerEntropy([...counts.values()], 0)?.plugInNats ?? null;
}

/** A file has no model behind it that could be asked. */
const NOT_EDITED: Readonly<Record<SessionRecord['origin'], string | null>> = {
  live: null,
  stored: null,
  recorded: 'What if … needs a run of your own, with its model: press Run first.',
  imported: 'What if … needs a run of your own, with its model: press Run first.',
};

export function sampleRow(
  { record, origin }: Pick<SessionRecord, 'record' | 'origin'>,
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
    logProb: totalLogProb(sample),
    tokenCount: tokenCount(sample),
    unstated: unstatedWords(unstatedOf(sample)),
    cutOff: sample.finishReason === 'length',
    editRefusal: NOT_EDITED[origin],
    tokenTexts: sample.tokenTexts,
  };
}

/** The text before the answer, without the tags. */
function reasoningOf(text: string): string {
  const [before = ''] = text.split('<answer>');
  return before.replace(/<\/?think>/g, '').trim();
}
