/**
 * A run as a table with one row per sample: every draw of every record, with what it was asked. The
 * columns are published as `public/schema/run-samples.parquet.json`.
 */

import { isCorrect, parseAnswer } from '../core/parser.ts';
import { isMultipleChoice, rightAnswers } from '../core/question.ts';
import { tokenCount, totalLogProb, totalModelLogProb } from '../core/sample-facts.ts';
import type { ParsedAnswer, Question, Sample } from '../core/types.ts';
import type { TableCell, TableColumn, TableRows } from '../protocol/table.ts';
import type { RecordSource } from './record-source.ts';

/** Samples that were drawn alike. */
interface Draw {
  readonly draw: 'own' | 'second seed' | 'wrong image';
  readonly greedy: boolean;
  readonly seed: number;
  /** SHA-256 of the image that stood in. */
  readonly wrongImage: string | null;
  readonly samples: Iterable<Sample>;
}

type ReadDraw = (record: RecordSource, draw: Draw) => TableCell;
type ReadSample = (sample: Sample, parsed: ParsedAnswer, question: Question) => TableCell;

/** The same in all rows of a draw. */
const OF_DRAW: readonly (readonly [TableColumn, ReadDraw])[] = [
  [text('runId'), ({ runId }) => runId],
  [text('itemId'), ({ itemId }) => itemId],
  [optional(text('dataset')), ({ image }) => image.dataset],
  [optional(text('split')), ({ image }) => image.split],
  [optional(integer('index')), ({ image }) => image.index],
  [text('imageSha256'), ({ image }) => image.sha256],
  [text('checkpoint'), ({ answerer }) => answerer.checkpointId],
  [text('stage'), ({ answerer }) => answerer.stage],
  [text('revision'), ({ answerer }) => answerer.revision],
  [text('dtype'), ({ answerer }) => answerer.dtype],
  [text('device'), ({ answerer }) => answerer.device],
  [text('question'), ({ question }) => question.text],
  [text('options'), ({ question }) => JSON.stringify(question.options)],
  [optional(text('truth')), ({ question }) => truthOf(question)],
  [text('promptMode'), ({ promptMode }) => promptMode],
  [text('promptVersion'), ({ promptVersion }) => promptVersion],
  [integer('seed'), (_, { seed }) => seed],
  [integer('k'), ({ sampler }) => sampler.k],
  [number('temperature'), ({ sampler }) => sampler.temperature],
  [integer('topK'), ({ sampler }) => sampler.topK],
  [number('topP'), ({ sampler }) => sampler.topP],
  [number('minP'), ({ sampler }) => sampler.minP],
  [integer('maxNewTokens'), ({ sampler }) => sampler.maxNewTokens],
  [text('draw'), (_, { draw }) => draw],
  [flag('greedy'), (_, { greedy }) => greedy],
  [optional(text('wrongImage')), (_, { wrongImage }) => wrongImage],
];

const OF_SAMPLE: readonly (readonly [TableColumn, ReadSample])[] = [
  [integer('sampleIndex'), ({ index }) => index],
  [text('text'), (sample) => sample.text],
  [optional(text('answer')), (_, { answer }) => answer],
  [text('rule'), (_, { rule }) => rule],
  [optional(flag('correct')), (_, parsed, question) => isCorrect(parsed, question)],
  [optional(number('logProb')), totalLogProb],
  [optional(number('modelLogProb')), totalModelLogProb],
  [optional(integer('tokens')), tokenCount],
  [text('finishReason'), ({ finishReason }) => finishReason],
  [optional(text('served')), ({ served }) => (served ? JSON.stringify(served) : null)],
];

export const SAMPLE_COLUMNS: readonly TableColumn[] = [...OF_DRAW, ...OF_SAMPLE].map(
  ([column]) => column,
);

/** The rows of a record, in blocks of one draw or of a part of it: between two of them work can pause. */
export function* sampleRows(record: RecordSource): Generator<TableRows> {
  for (const draw of drawsOf(record)) {
    const shared = OF_DRAW.map(([, read]) => read(record, draw));
    let samples: Sample[] = [];
    for (const sample of draw.samples) {
      samples.push(sample);
      if (samples.length < BLOCK_ROWS) continue;
      yield block(shared, samples, record.question);
      samples = [];
    }
    if (samples.length > 0) yield block(shared, samples, record.question);
  }
}

const BLOCK_ROWS = 16;

function block(
  shared: readonly TableCell[],
  samples: readonly Sample[],
  question: Question,
): TableRows {
  const parsed = samples.map((sample) => ({ sample, answer: parseAnswer(sample.text, question) }));
  const own = OF_SAMPLE.map(([, read]) =>
    parsed.map(({ sample, answer }) => read(sample, answer, question)),
  );
  return { count: samples.length, cells: [...shared, ...own] };
}

function* drawsOf({ greedy, samples, sampler, nulls }: RecordSource): Generator<Draw> {
  const own = { draw: 'own', greedy: false, seed: sampler.seed, wrongImage: null } as const;
  if (greedy) yield { ...own, greedy: true, samples: [greedy] };
  yield { ...own, samples };
  const second = nulls?.secondSeed.drawn;
  if (second) yield { ...own, draw: 'second seed', seed: second.seed, samples: second.samples };
  for (const { image, samples: drawn } of nulls?.wrongImages.drawn?.images ?? []) {
    yield { ...own, draw: 'wrong image', wrongImage: image.sha256, samples: drawn };
  }
}

/** As `answer`: right options with commas between, or the reference; what else is right says `correct`. */
function truthOf(question: Question): string | null {
  const [reference, ...others] = rightAnswers(question);
  if (reference === undefined) return null;
  return isMultipleChoice(question) ? [reference, ...others].join(',') : reference;
}

function text(name: string): TableColumn {
  return { name, type: 'text', optional: false };
}
function integer(name: string): TableColumn {
  return { name, type: 'integer', optional: false };
}
function number(name: string): TableColumn {
  return { name, type: 'number', optional: false };
}
function flag(name: string): TableColumn {
  return { name, type: 'flag', optional: false };
}
function optional(column: TableColumn): TableColumn {
  return { ...column, optional: true };
}
