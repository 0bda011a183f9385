/**
 * The lines of a run file that are no records, checked on import: the header, and of a run over sets
 * its plan and its pixels. `public/schema/run.schema.json` says the same for other programs.
 */
import * as v from 'valibot';
import { MOST_SHARDS } from '../core/sets/shard.ts';
import { base64ToBytes } from './run-file-base64.ts';
import {
  Base64,
  Filled,
  ImageLine,
  PromptModeLine,
  QuestionLine,
  SamplerLine,
  Sha256,
  Size,
} from './run-file-schema.ts';
import { Index } from './sample-line-schema.ts';

export const RUN_FORMAT = 'supportlens-run';
export const RUN_NOTICE = 'Teaching and research only, not for clinical use.';

/** 1: a header and records. 2: the header says what the run is (`set`), and plan and pixels follow. */
export const RECORDS_VERSION = 1;
export const SET_VERSION = 2;

/** As `run.schema.json`; valibot's own `isoTimestamp` takes more forms. */
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:[12]\d|0[1-9]|3[01])T(?:0\d|1\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1\d|2[0-3]):?[0-5]\d)$/u;

const header = {
  type: v.literal('run'),
  format: v.literal(RUN_FORMAT),
  runId: Filled,
  createdAt: v.pipe(v.string(), v.regex(TIMESTAMP, 'is no ISO 8601 time with zone')),
  app: v.strictObject({ version: Filled }),
  notice: v.literal(RUN_NOTICE),
};

const ShardLine = v.pipe(
  v.strictObject({ number: Size, of: Size }),
  v.check(
    ({ number, of }) => number <= of && of <= MOST_SHARDS,
    `is not from 1 to \`of\`, which is at most ${MOST_SHARDS}`,
  ),
);

const SetLine = v.strictObject({
  name: v.string(),
  settings: v.strictObject({
    checkpointIds: v.pipe(
      v.array(Filled),
      v.minLength(1, 'names no checkpoint'),
      v.check((ids) => new Set(ids).size === ids.length, 'names a checkpoint twice'),
    ),
    promptMode: PromptModeLine,
    hint: v.nullable(v.string()),
    sampler: SamplerLine,
    nulls: v.boolean(),
  }),
  shard: v.exactOptional(ShardLine),
  datasets: v.array(v.strictObject({ dataset: v.string(), items: Size })),
  items: Index,
  done: Index,
});

export const HeaderLine = v.variant('formatVersion', [
  v.strictObject({ ...header, formatVersion: v.literal(RECORDS_VERSION) }),
  v.strictObject({ ...header, formatVersion: v.literal(SET_VERSION), set: SetLine }),
]);

export const PlanLine = v.strictObject({
  type: v.literal('plan'),
  runId: Filled,
  itemId: Filled,
  image: ImageLine,
  question: QuestionLine,
  wrongImages: v.nullable(
    v.union([
      v.strictObject({
        images: v.pipe(v.array(ImageLine), v.minLength(1, 'has no images')),
        atHand: Size,
        reason: v.null(),
      }),
      v.strictObject({ images: v.null(), reason: Filled }),
    ]),
  ),
});

export const PixelsLine = v.pipe(
  v.strictObject({
    type: v.literal('pixels'),
    sha256: Sha256,
    width: Size,
    height: Size,
    rgbBase64: Base64,
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { rgbBase64, ...line } = dataset.value;
    const data = base64ToBytes(rgbBase64);
    if (data?.length === line.width * line.height * 3) return { ...line, data };
    addIssue({ message: 'rgbBase64 does not fit width and height' });
    return NEVER;
  }),
);
