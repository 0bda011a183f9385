/** The published JSON Schema and the reader's own checks say the same about the same lines. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import schema from '../../public/schema/run.schema.json' with { type: 'json' };
import {
  ANSWER_DISTRIBUTIONS,
  answerTexts,
  nullsOf,
  recordOf,
  sampleOf,
  servedSampleOf,
} from '../core/record-fixture.ts';
import { ItemLine } from './run-file-schema.ts';
import { writeRunFile } from './run-file.ts';
import { headerLine, pixelsLine, planLine } from './run-lines.ts';
import { HeaderLine, PixelsLine, PlanLine } from './set-file-schema.ts';

const isValidBySchema = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
const isValidByReader = (line: unknown): boolean =>
  v.safeParse(v.union([HeaderLine, PlanLine, PixelsLine, ItemLine]), line).success;

const RECORD = recordOf(answerTexts('B', 2), { greedy: sampleOf('B') });
const IMAGE = { width: 2, height: 3, data: new Uint8Array(18) };
const HEADER = { runId: 'run-1', createdAt: '2026-11-23T03:33:47.000Z', app: { version: '1' } };

type Json = Record<string, unknown>;
const SET = {
  name: '',
  settings: {
    checkpointIds: ['tiny-base', 'tiny-sft'],
    promptMode: RECORD.promptMode,
    hint: null,
    sampler: RECORD.sampler,
    nulls: true,
  },
  datasets: [{ dataset: 'bloodmnist', items: 2 }],
  items: 2,
  done: 0,
};
const WRONG_IMAGES = { images: [RECORD.image], atHand: 1, reason: null };
const PLAN = { itemId: 'a', image: RECORD.image, question: RECORD.question };
/** Lines 5 to 9: those that only a run over sets has. */
const SET_LINES = [
  headerLine({ ...HEADER, set: SET }),
  planLine('run-1', { ...PLAN, wrongImages: WRONG_IMAGES }),
  planLine('run-1', { ...PLAN, wrongImages: { images: null, reason: 'No set.' } }),
  planLine('run-1', { ...PLAN, wrongImages: null }),
  pixelsLine(RECORD.image.sha256, IMAGE),
].map((pieces) => [...pieces].join(''));
const SERVED = {
  record: { ...RECORD, samples: [servedSampleOf('<answer>B</answer>')], greedy: null },
  image: null,
};
/** The last one is that of a server. */
const LINES = `${writeRunFile(HEADER, [
  { record: RECORD, image: IMAGE },
  { record: { ...RECORD, greedy: null, hint: 'look' }, image: null },
  { record: { ...RECORD, answerDistributions: ANSWER_DISTRIBUTIONS }, image: null },
  { record: { ...RECORD, nulls: nullsOf(['B'], ['A'], ['B'], ['C'], ['B', 'B']) }, image: null },
])}${SET_LINES.join('')}${writeRunFile(HEADER, [SERVED])}`
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Json);

const SERVED_LINE = LINES.length - 1;

/** The line with the value at a dotted path replaced, or removed for `undefined`. */
function changed(line: Json | undefined, path: string, value: unknown): unknown {
  const copy = structuredClone(line ?? {});
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let place = copy;
  for (const key of keys) place = place[key] as Json;
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return copy;
}

describe('run.schema.json', () => {
  it.each(LINES)('accepts what is written: %#', (line) => {
    expect(isValidBySchema(line), JSON.stringify(isValidBySchema.errors)).toBe(true);
    expect(isValidByReader(line)).toBe(true);
  });

  it.each<readonly [line: number, path: string, good: unknown]>([
    [0, 'createdAt', '2026-11-23T03:33:47+01:00'],
    [1, 'sampler.k', 1024],
    [1, 'sampler.seed', 4294967295],
    [1, 'sampler.temperature', 0],
    [1, 'question.correctOptions', []],
    [1, 'image.dataset', null],
    [1, 'image.split', null],
    [1, 'image.index', null],
    [1, 'samples.0.answer', undefined],
    [SERVED_LINE, 'samples.0.served.replyId', null],
    [SERVED_LINE, 'samples.0.served.tokenCount', null],
    [SERVED_LINE, 'samples.0.served.path', 'greedy'],
    [1, 'samples.0.rule', 'unparsed'],
    [1, 'samples.0.correct', null],
    [1, 'samples', []],
    [1, 'imageRgbBase64', undefined],
    [3, 'answerDistributions', undefined],
    [3, 'answerDistributions.traces', []],
    [3, 'answerDistributions.branchFloor', 1],
    [3, 'answerDistributions.traces.0.answers.1.answer', 'monocyte'],
    [4, 'nulls', undefined],
    [4, 'nulls.secondSeed', { drawn: null, reason: 'Stopped.' }],
    [4, 'nulls.wrongImages', { drawn: null, reason: 'No set.' }],
    [4, 'nulls.wrongImages.reason', 'Stopped.'],
    [4, 'nulls.wrongImages.drawn.images.0.image.dataset', null],
    [5, 'set.settings.hint', 'look'],
    [5, 'set.settings.nulls', false],
    [5, 'set.datasets', []],
    [6, 'wrongImages.atHand', 7],
  ])('agrees with the reader that line %i may have %s = %j', (index, path, value) => {
    const line = changed(LINES[index], path, value);
    expect([isValidBySchema(line), isValidByReader(line)]).toEqual([true, true]);
  });

  it.each<readonly [line: number, path: string, bad: unknown]>([
    [0, 'type', 'item'],
    [0, 'format', 'other'],
    [0, 'formatVersion', 2],
    [0, 'formatVersion', '1'],
    [0, 'runId', ''],
    [0, 'createdAt', '23.11.2026'],
    [0, 'createdAt', '2026-11-23 03:33:47Z'],
    [0, 'createdAt', '2026-11-23T03:33:47'],
    [0, 'app.version', undefined],
    [0, 'notice', undefined],
    [0, 'notice', 'For clinical use.'],
    [0, 'more', 1],
    [1, 'type', 'sample'],
    [1, 'itemId', ''],
    [1, 'itemId', undefined],
    [1, 'more', 1],
    [1, 'answerer.stage', 'rlhf'],
    [1, 'answerer.revision', null],
    [1, 'image.width', 0],
    [1, 'image.width', 2.5],
    [1, 'image.dataset', ''],
    [1, 'image.index', -1],
    [1, 'image.split', 'validation'],
    [1, 'image.sha256', 'ABC'],
    [1, 'imageRgbBase64', 'not base64!'],
    [1, 'imageRgbBase64', null],
    [1, 'question.text', ' '],
    [1, 'question.options', 'A'],
    [1, 'question.options.0', ' '],
    [1, 'question.correctOptions', [1, 1]],
    [1, 'question.correctOptions', [-1]],
    [1, 'question.correctOptions', [26]],
    [1, 'question.referenceAnswer', undefined],
    [1, 'promptMode', 'chat'],
    [1, 'hint', undefined],
    [1, 'sampler.k', 0],
    [1, 'sampler.k', 1025],
    [1, 'sampler.k', 1.5],
    [1, 'sampler.temperature', -1],
    [1, 'sampler.temperature', 5.1],
    [1, 'sampler.temperature', null],
    [1, 'sampler.topK', 100001],
    [1, 'sampler.topP', 0],
    [1, 'sampler.topP', 1.1],
    [1, 'sampler.minP', 1],
    [1, 'sampler.maxNewTokens', 4097],
    [1, 'sampler.seed', 4294967296],
    [1, 'sampler.extra', 0],
    [1, 'greedy', undefined],
    [1, 'greedy', []],
    [1, 'samples', null],
    [1, 'samples.0.index', -1],
    [1, 'samples.0.text', null],
    [1, 'samples.0.tokenIds.0', -1],
    [1, 'samples.0.tokenIds.0', 0.5],
    [1, 'samples.0.logProbs.0', null],
    [1, 'samples.0.modelLogProbs.0', 'NaN'],
    [1, 'samples.0.modelLogProbs', undefined],
    [1, 'samples.0.finishReason', 'stop'],
    [1, 'samples.0.rule', 'last-line'],
    [1, 'samples.0.correct', 'yes'],
    [1, 'samples.0.answer', 1],
    [1, 'samples.0.tokenIds', null],
    [1, 'samples.0.logProbs', null],
    [SERVED_LINE, 'samples.0.served', undefined],
    [SERVED_LINE, 'samples.0.served.path', 'guessed'],
    [SERVED_LINE, 'samples.0.served.sent', null],
    [SERVED_LINE, 'samples.0.served.tokenCount', -1],
    [SERVED_LINE, 'samples.0.served.missing.logProbs', undefined],
    [1, 'elapsedMs', -1],
    [1, 'elapsedMs', '40'],
    [3, 'answerDistributions', null],
    [3, 'answerDistributions.branchFloor', 0],
    [3, 'answerDistributions.branchFloor', undefined],
    [3, 'answerDistributions.traces.0.more', 1],
    [3, 'answerDistributions.traces.0.traceTokens', 0],
    [3, 'answerDistributions.traces.0.sampleIndexes', undefined],
    [3, 'answerDistributions.traces.0.belowFloorIndexes', [-1]],
    [3, 'answerDistributions.traces.0.answers.0.probability', 1.2],
    [3, 'answerDistributions.traces.0.unresolvedMass', '0'],
    [4, 'nulls', null],
    [4, 'nulls', {}],
    [4, 'nulls.more', 1],
    [4, 'nulls.secondSeed', null],
    [4, 'nulls.secondSeed.drawn', null],
    [4, 'nulls.secondSeed.reason', ''],
    [4, 'nulls.secondSeed.reason', undefined],
    [4, 'nulls.secondSeed.drawn.seed', -1],
    [4, 'nulls.secondSeed.drawn.seed', 4294967296],
    [4, 'nulls.secondSeed.drawn.samples', []],
    [4, 'nulls.secondSeed.drawn.samples.0.text', undefined],
    [4, 'nulls.wrongImages.drawn', null],
    [4, 'nulls.wrongImages.drawn.atHand', 0],
    [4, 'nulls.wrongImages.drawn.samplesPerImage', 1.5],
    [4, 'nulls.wrongImages.drawn.images', []],
    [4, 'nulls.wrongImages.drawn.images.0.image.sha256', 'ABC'],
    [4, 'nulls.wrongImages.drawn.images.0.samples', []],
    [0, 'set', SET],
    [0, 'formatVersion', 3],
    [5, 'formatVersion', 1],
    [5, 'formatVersion', 3],
    [5, 'set', undefined],
    [5, 'set.name', null],
    [5, 'set.more', 1],
    [5, 'set.items', -1],
    [5, 'set.done', undefined],
    [5, 'set.datasets.0.items', 0],
    [5, 'set.settings.checkpointIds', []],
    [5, 'set.settings.checkpointIds', ['a', 'a']],
    [5, 'set.settings.promptMode', 'chat'],
    [5, 'set.settings.sampler.k', 0],
    [5, 'set.settings.nulls', undefined],
    [6, 'runId', ''],
    [6, 'itemId', undefined],
    [6, 'more', 1],
    [6, 'image.sha256', 'ABC'],
    [6, 'question.text', ' '],
    [6, 'wrongImages', undefined],
    [6, 'wrongImages.images', []],
    [6, 'wrongImages.images', null],
    [6, 'wrongImages.reason', 'Stopped.'],
    [7, 'wrongImages.reason', null],
    [7, 'wrongImages.atHand', 1],
    [9, 'sha256', undefined],
    [9, 'rgbBase64', 'not base64!'],
    [9, 'height', 0],
  ])('agrees with the reader that line %i may not have %s = %j', (index, path, value) => {
    const line = changed(LINES[index], path, value);
    expect([isValidBySchema(line), isValidByReader(line)]).toEqual([false, false]);
  });

  it.each([null, [], 'x', 1, {}])('refuses %j like the reader', (line) => {
    expect([isValidBySchema(line), isValidByReader(line)]).toEqual([false, false]);
  });
});
