/**
 * The lines of a run file as text, every key in one order: the same records give the same bytes,
 * whoever made them. Each line is given in pieces, its line end included.
 */

import { isCorrect, parseAnswer } from '../core/parser.ts';
import type {
  AnswerDistributions,
  Answerer,
  Grading,
  ImageSource,
  ParsedAnswer,
  Question,
  RgbImage,
  Sample,
  SamplerSettings,
  ServedBy,
} from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { jsonPieces, LazyArray } from './json-pieces.ts';
import type { NullsOf, RecordSource } from './record-source.ts';
import { bytesToBase64 } from './run-file-base64.ts';
import { RECORDS_VERSION, RUN_FORMAT, RUN_NOTICE, SET_VERSION } from './set-file-schema.ts';
import type { RunSettings, StoredItem, StoredRun, StoredWrongImages } from './stored-run.ts';

/** What a run over sets is, beside its records. */
export type RunFileSet = Pick<
  StoredRun,
  'name' | 'settings' | 'shard' | 'datasets' | 'items' | 'done'
>;

export interface RunFileHeader {
  readonly runId: string;
  /** ISO 8601 with time zone, e.g. `2026-11-23T03:33:47.000Z`. */
  readonly createdAt: string;
  readonly app: { readonly version: string };
  /** There when the file is that of a run over sets. */
  readonly set?: RunFileSet;
}

export function headerLine({ runId, createdAt, app, set }: RunFileHeader): Iterable<string> {
  return line({
    type: 'run',
    format: RUN_FORMAT,
    formatVersion: set ? SET_VERSION : RECORDS_VERSION,
    runId,
    createdAt,
    app: { version: app.version },
    notice: RUN_NOTICE,
    ...(set && {
      set: {
        name: set.name,
        settings: settingsInOrder(set.settings),
        ...(set.shard && { shard: { number: set.shard.number, of: set.shard.of } }),
        datasets: set.datasets.map(({ dataset, items }) => ({ dataset, items })),
        items: set.items,
        done: set.done,
      },
    }),
  });
}

export function planLine(runId: string, item: StoredItem): Iterable<string> {
  return line({
    type: 'plan',
    runId,
    itemId: item.itemId,
    image: imageInOrder(item.image),
    question: questionInOrder(item.question),
    wrongImages: item.wrongImages && wrongImagesInOrder(item.wrongImages),
  });
}

export function pixelsLine(sha256: string, { width, height, data }: RgbImage): Iterable<string> {
  return line({ type: 'pixels', sha256, width, height, rgbBase64: bytesToBase64(data) });
}

/**
 * @param image its pixels; `null` where the line goes without
 * @throws NamedError `RunFileInvalid` when a number is not finite or pixels do not fit
 */
export function itemLine(record: RecordSource, image: RgbImage | null): Iterable<string> {
  if (image && (image.width !== record.image.width || image.height !== record.image.height)) {
    throw new NamedError('RunFileInvalid', 'The run cannot be written: image and pixels differ.');
  }
  const { question, greedy, answerDistributions, nulls } = record;
  return line({
    type: 'item',
    runId: record.runId,
    itemId: record.itemId,
    answerer: answererInOrder(record.answerer),
    image: imageInOrder(record.image),
    question: questionInOrder(question),
    promptMode: record.promptMode,
    promptVersion: record.promptVersion,
    hint: record.hint,
    promptText: record.promptText,
    sampler: samplerInOrder(record.sampler),
    greedy: greedy && sampleInOrder(greedy, question),
    samples: samplesInOrder(record.samples, question),
    elapsedMs: record.elapsedMs,
    ...(answerDistributions && { answerDistributions: tracesInOrder(answerDistributions) }),
    ...(nulls && { nulls: nullsInOrder(nulls, question) }),
    ...(image && { imageRgbBase64: bytesToBase64(image.data) }),
  });
}

/** Two settings are the same when this is. */
export function settingsInOrder(settings: RunSettings): RunSettings {
  const { checkpointIds, promptMode, hint, sampler, nulls } = settings;
  return { checkpointIds, promptMode, hint, sampler: samplerInOrder(sampler), nulls };
}

export function samplerInOrder(sampler: SamplerSettings): SamplerSettings {
  const { k, temperature, topK, topP, minP, maxNewTokens, seed } = sampler;
  return { k, temperature, topK, topP, minP, maxNewTokens, seed };
}

export function questionInOrder(question: Question): Question {
  const { text, options, correctOptions, referenceAnswer, grading } = question;
  return {
    ...{ text, options, correctOptions, referenceAnswer },
    ...(grading && { grading: gradingInOrder(grading) }),
  };
}

function gradingInOrder(grading: Grading): Grading {
  return grading.by === 'pattern'
    ? { by: 'pattern', source: grading.source }
    : { by: 'synonyms', accepted: grading.accepted };
}

export function answererInOrder(answerer: Answerer): Answerer {
  const { checkpointId, revision, stage, dtype, device } = answerer;
  return { checkpointId, revision, stage, dtype, device };
}

function* line(value: object): Generator<string> {
  yield* jsonPieces(value);
  yield '\n';
}

function imageInOrder(image: ImageSource): ImageSource {
  const { dataset, split, index, name, width, height, sha256 } = image;
  return { dataset, split, index, name, width, height, sha256 };
}

function wrongImagesInOrder(wrong: StoredWrongImages): StoredWrongImages {
  if (wrong.images === null) return { images: null, reason: wrong.reason };
  return { images: wrong.images.map(imageInOrder), atHand: wrong.atHand, reason: null };
}

function tracesInOrder({ branchFloor, traces, missing }: AnswerDistributions): AnswerDistributions {
  return {
    branchFloor,
    traces: traces.map((trace) => ({
      traceTokens: trace.traceTokens,
      sampleIndexes: trace.sampleIndexes,
      belowFloorIndexes: trace.belowFloorIndexes,
      answers: trace.answers.map(({ answer, probability }) => ({ answer, probability })),
      unresolvedMass: trace.unresolvedMass,
    })),
    ...(missing !== undefined && { missing }),
  };
}

function servedInOrder({ path, sent, replyId, choice, tokenCount, missing }: ServedBy): ServedBy {
  const { tokens, tokenIds, logProbs, modelLogProbs } = missing;
  const gaps = { tokens, tokenIds, logProbs, modelLogProbs };
  return { path, sent, replyId, choice, tokenCount, missing: gaps };
}

/** Also says what was read out of it, for people who read the file with pandas. */
function sampleInOrder(
  sample: Sample,
  question: Question,
): Sample & ParsedAnswer & { readonly correct: boolean | null } {
  const { index, tokenIds, tokenTexts, logProbs, modelLogProbs, text, finishReason } = sample;
  const { served } = sample;
  const { rule, answer } = parseAnswer(text, question);
  const correct = isCorrect({ rule, answer }, question);
  return {
    ...{ index, tokenIds, tokenTexts, logProbs, modelLogProbs, text, finishReason },
    ...(served && { served: servedInOrder(served) }),
    ...{ rule, answer, correct },
  };
}

function samplesInOrder(samples: Iterable<Sample>, question: Question): LazyArray {
  return lazily(samples, (sample) => sampleInOrder(sample, question));
}

function nullsInOrder(
  { secondSeed, wrongImages }: NullsOf<Iterable<Sample>>,
  question: Question,
): object {
  const [second, wrong] = [secondSeed.drawn, wrongImages.drawn];
  return {
    secondSeed: {
      drawn: second && { seed: second.seed, samples: samplesInOrder(second.samples, question) },
      reason: secondSeed.reason,
    },
    wrongImages: {
      drawn: wrong && {
        atHand: wrong.atHand,
        samplesPerImage: wrong.samplesPerImage,
        images: lazily(wrong.images, ({ image, samples }) => ({
          image: imageInOrder(image),
          samples: samplesInOrder(samples, question),
        })),
      },
      reason: wrongImages.reason,
    },
  };
}

function lazily<Item>(items: Iterable<Item>, make: (item: Item) => unknown): LazyArray {
  return new LazyArray({
    *[Symbol.iterator]() {
      for (const item of items) yield make(item);
    },
  });
}
