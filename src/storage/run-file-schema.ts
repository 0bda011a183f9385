/**
 * The shape of a run file's records, checked on import (its other lines: `set-file-schema.ts`).
 * `public/schema/run.schema.json` says the same for other programs; what JSON Schema cannot say
 * (arrays of equal length, texts that add up, pixels that fit the image, ranges of several fields
 * together) only these files check.
 */
import * as v from 'valibot';
import { validateQuestion, validateSampler } from '../core/validate.ts';
import { base64ToBytes } from './run-file-base64.ts';
import { Finite, Index, SampleLine } from './sample-line-schema.ts';

export const Size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
export const Filled = v.pipe(v.string(), v.minLength(1));
const Strings = v.array(v.string());

const Probability = v.pipe(Finite, v.minValue(0), v.maxValue(1));
const SUM_TOLERANCE = 1e-6;

const TraceLine = v.pipe(
  v.strictObject({
    traceTokens: Size,
    sampleIndexes: v.array(Index),
    belowFloorIndexes: v.array(Index),
    answers: v.array(v.strictObject({ answer: v.nullable(v.string()), probability: Probability })),
    unresolvedMass: Probability,
  }),
  v.check(({ answers, unresolvedMass }) => {
    const sum = answers.reduce((total, { probability }) => total + probability, unresolvedMass);
    return Math.abs(sum - 1) < SUM_TOLERANCE;
  }, 'the probabilities of the answers and unresolvedMass do not add up to 1'),
  v.check(({ sampleIndexes, belowFloorIndexes }) => {
    const members = new Set(sampleIndexes);
    return belowFloorIndexes.every((index) => members.has(index));
  }, 'belowFloorIndexes names a sample that is not in sampleIndexes'),
);

const AnswerDistributionsLine = v.strictObject({
  branchFloor: v.pipe(Probability, v.gtValue(0)),
  traces: v.pipe(
    v.array(TraceLine),
    v.check((traces) => {
      const indexes = traces.flatMap(({ sampleIndexes }) => sampleIndexes);
      return new Set(indexes).size === indexes.length;
    }, 'a sample is in more than one trace'),
  ),
  missing: v.exactOptional(Filled),
});

const AnswererLine = v.strictObject({
  checkpointId: Filled,
  revision: v.string(),
  stage: v.picklist(['base', 'sft', 'rl', 'other']),
  dtype: v.string(),
  device: v.string(),
});

export const Sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/u, 'is not 64 hexadecimal digits'),
);
export const Base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/u, 'is not base64'));

export const ImageLine = v.strictObject({
  dataset: v.nullable(Filled),
  split: v.nullable(v.picklist(['train', 'val', 'test'])),
  index: v.nullable(Index),
  name: v.string(),
  width: Size,
  height: Size,
  sha256: Sha256,
});

const firstMessage = (problems: readonly { readonly message: string }[]): string =>
  problems[0]?.message ?? '';

export const QuestionLine = v.pipe(
  v.strictObject({
    text: v.string(),
    options: Strings,
    correctOptions: v.array(Index),
    referenceAnswer: v.nullable(v.string()),
    grading: v.exactOptional(
      v.variant('by', [
        v.strictObject({ by: v.literal('synonyms'), accepted: v.array(v.string()) }),
        v.strictObject({ by: v.literal('pattern'), source: v.string() }),
      ]),
    ),
  }),
  v.check(
    (question) => validateQuestion(question).length === 0,
    ({ input }) => firstMessage(validateQuestion(input)),
  ),
);

export const SamplerLine = v.pipe(
  v.strictObject({
    k: Finite,
    temperature: Finite,
    topK: Finite,
    topP: Finite,
    minP: Finite,
    maxNewTokens: Finite,
    seed: Finite,
  }),
  v.check(
    (sampler) => validateSampler(sampler).length === 0,
    ({ input }) => firstMessage(validateSampler(input)),
  ),
);

export const PromptModeLine = v.picklist(['think', 'direct', 'hinted']);

const SamplesLine = v.pipe(
  v.array(SampleLine),
  v.check(
    (samples) => samples.every(({ index }, i) => index > (samples[i - 1]?.index ?? -1)),
    'the samples are not in ascending order of index',
  ),
);
const SomeSamplesLine = v.pipe(SamplesLine, v.minLength(1, 'has no samples'));

/** A part that is missing says why. */
const nullPart = <Draw extends v.GenericSchema>(draw: Draw) =>
  v.pipe(
    v.strictObject({ drawn: v.nullable(draw), reason: v.nullable(Filled) }),
    v.check(
      ({ drawn, reason }) => drawn !== null || reason !== null,
      'nothing was drawn, and no reason is given',
    ),
  );

const NullsLine = v.strictObject({
  secondSeed: nullPart(
    v.strictObject({
      seed: v.pipe(Index, v.maxValue(2 ** 32 - 1)),
      samples: SomeSamplesLine,
    }),
  ),
  wrongImages: nullPart(
    v.strictObject({
      atHand: Size,
      samplesPerImage: Size,
      images: v.pipe(
        v.array(v.strictObject({ image: ImageLine, samples: SomeSamplesLine })),
        v.minLength(1, 'has no images'),
      ),
    }),
  ),
});

export const ItemLine = v.pipe(
  v.strictObject({
    type: v.literal('item'),
    runId: Filled,
    itemId: Filled,
    answerer: AnswererLine,
    image: ImageLine,
    imageRgbBase64: v.optional(Base64),
    question: QuestionLine,
    promptMode: PromptModeLine,
    promptVersion: v.string(),
    hint: v.nullable(v.string()),
    promptText: v.string(),
    sampler: SamplerLine,
    greedy: v.nullable(SampleLine),
    samples: SamplesLine,
    elapsedMs: v.pipe(Finite, v.minValue(0)),
    answerDistributions: v.exactOptional(AnswerDistributionsLine),
    nulls: v.exactOptional(NullsLine),
  }),
  v.check(
    ({ nulls, sampler }) => nulls?.secondSeed.drawn?.seed !== sampler.seed,
    'nulls.secondSeed has the seed of the run',
  ),
  v.check(
    ({ nulls, image }) =>
      (nulls?.wrongImages.drawn?.images ?? []).every((one) => one.image.sha256 !== image.sha256),
    'nulls.wrongImages shows the image itself',
  ),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { imageRgbBase64, ...item } = dataset.value;
    if (imageRgbBase64 === undefined) return { ...item, rgb: null };
    const rgb = base64ToBytes(imageRgbBase64);
    if (rgb?.length === item.image.width * item.image.height * 3) return { ...item, rgb };
    addIssue({ message: 'imageRgbBase64 does not fit the width and height of the image' });
    return NEVER;
  }),
);
