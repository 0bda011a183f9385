/** Invented records for tests, of this room and of others. Not imported by the app. */
import { secondSeed } from './seed-null.ts';
import type {
  AnswerDistributions,
  ItemNulls,
  ItemRecord,
  Question,
  Sample,
  SamplerSettings,
} from './types.ts';

export const BLOOD_QUESTION: Question = {
  text: 'Which cell is this?',
  options: ['basophil', 'eosinophil', 'monocyte', 'neutrophil'],
  correctOptions: [1],
  referenceAnswer: null,
};

export const FREE_FORM_QUESTION: Question = {
  text: 'Which organ is shown?',
  options: [],
  correctOptions: [],
  referenceAnswer: 'Left kidney',
};

export const SAMPLER: SamplerSettings = {
  k: 16,
  temperature: 0.7,
  topK: 0,
  topP: 0.9,
  minP: 0,
  maxNewTokens: 2048,
  seed: 123,
};

/** A sample whose tokens are the text's words. */
export function sampleOf(text: string, index = 0): Sample {
  const tokenTexts = text.match(/\s*\S+|\s+$/gu) ?? [];
  return {
    index,
    tokenIds: tokenTexts.map((_, position) => position + 7),
    tokenTexts,
    logProbs: tokenTexts.map((_, position) => -0.25 * (position + 1)),
    modelLogProbs: tokenTexts.map((_, position) => -0.5 * position - 0.1),
    text,
    finishReason: /<\/answer>$/iu.test(text) ? 'answer-closed' : 'end-of-sequence',
  };
}

/** The same text from a server that states nothing but it. */
export function servedSampleOf(text: string, index = 0): Sample {
  const reason = 'The server states no tokens and no log-probabilities.';
  return {
    ...sampleOf(text, index),
    ...{ tokenIds: null, logProbs: null, modelLogProbs: null },
    served: {
      path: 'seeded',
      sent: JSON.stringify({ model: 'toy-7b', temperature: 0.7, seed: 41 + index }),
      replyId: 'chatcmpl-1',
      choice: 0,
      tokenCount: 12,
      missing: { tokens: reason, tokenIds: reason, logProbs: reason, modelLogProbs: reason },
    },
  };
}

/** The answers of one trace, of sample 0. */
export const ANSWER_DISTRIBUTIONS: AnswerDistributions = {
  branchFloor: 0.001,
  traces: [
    {
      traceTokens: 5,
      sampleIndexes: [0],
      belowFloorIndexes: [],
      answers: [
        { answer: 'B', probability: 0.75 },
        { answer: null, probability: 0.2 },
      ],
      unresolvedMass: 0.05,
    },
  ],
};

/** `answerTexts('B', 11)`: eleven times `<answer>B</answer>`. */
export function answerTexts(answer: string, count: number): string[] {
  return Array.from({ length: count }, () => `<answer>${answer}</answer>`);
}

/** A record with these texts as its samples. */
export function recordOf(texts: readonly string[], changes: Partial<ItemRecord> = {}): ItemRecord {
  return {
    runId: 'run-1',
    itemId: 'bloodmnist/test/0',
    answerer: {
      checkpointId: 'tiny-sft',
      revision: 'abc123',
      stage: 'sft',
      dtype: 'q4',
      device: 'wasm',
    },
    image: {
      dataset: 'bloodmnist',
      split: 'test',
      index: 0,
      name: 'bloodmnist test 0',
      width: 2,
      height: 3,
      sha256: '0123456789abcdef'.repeat(4),
    },
    question: BLOOD_QUESTION,
    promptMode: 'direct',
    promptVersion: 'supportlens-1',
    hint: null,
    promptText: 'Which cell is this?\n\nOptions:\nA. basophil',
    sampler: SAMPLER,
    greedy: null,
    samples: texts.map(sampleOf),
    elapsedMs: 40.5,
    ...changes,
  };
}

/** Whole nulls with these texts: of the second seed, and of each wrong image. */
export function nullsOf(
  second: readonly string[],
  ...wrong: readonly (readonly string[])[]
): ItemNulls {
  const { image } = recordOf([]);
  const images = wrong.map((texts, place) => ({
    image: { ...image, index: place + 1, sha256: String(place + 1).padStart(64, '0') },
    samples: texts.map(sampleOf),
  }));
  return {
    secondSeed: {
      drawn: { seed: secondSeed(SAMPLER.seed), samples: second.map(sampleOf) },
      reason: null,
    },
    wrongImages: {
      drawn: { atHand: 35, samplesPerImage: wrong[0]?.length ?? 1, images },
      reason: null,
    },
  };
}
