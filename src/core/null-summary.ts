/** What the page says about the nulls of one item and one checkpoint, from their samples. */
import type { Difference } from './intervals.ts';
import { passAtK, curveKs } from './pass-at-k.ts';
import { rightAnswers } from './question.ts';
import { seedNull } from './seed-null.ts';
import { tallyAnswers, type AnswerTally } from './tally.ts';
import type {
  ItemRecord,
  NullPart,
  Question,
  SecondSeedDraw,
  WrongImageDraw,
  WrongImagesDraw,
} from './types.ts';
import {
  blindEstimate,
  MIN_WRONG_IMAGES,
  type BlindEstimate,
  type WrongImageCount,
} from './wrong-image.ts';

/** One point of a null's Pass@k curve: the unbiased estimate. */
export interface NullPoint {
  readonly k: number;
  readonly value: number;
}

interface NullFigures {
  readonly tally: AnswerTally;
  /** How many samples are right; `null` when no truth is marked. */
  readonly correctCount: number | null;
  /** Empty when no truth is marked. */
  readonly passAtK: readonly NullPoint[];
}

export interface SecondSeedSummary extends NullFigures {
  readonly seed: number;
  /** p̂(second) − p̂(first), Newcombe; `null` without truth or samples. */
  readonly difference: Difference | null;
}

/** Samples of all wrong images together; its curve is the mean over the images. */
export interface WrongImagesSummary extends NullFigures {
  readonly images: number;
  readonly atHand: number;
  readonly samplesPerImage: number;
  /** `null` without truth, or when fewer than four images were answered. */
  readonly pBlind: BlindEstimate | null;
}

export interface NullsSummary {
  readonly secondSeed: SecondSeedSummary | null;
  /** Why something of it is missing, a sentence; `null` when it is whole. */
  readonly secondSeedReason: string | null;
  readonly wrongImages: WrongImagesSummary | null;
  readonly wrongImagesReason: string | null;
}

const countRight = ({ outcomes }: AnswerTally): number =>
  outcomes.reduce((sum, { correct, count }) => sum + (correct === true ? count : 0), 0);

/** Mean over the groups of their unbiased Pass@k, up to the size of the smallest group. */
function meanCurve(groups: readonly WrongImageCount[]): readonly NullPoint[] {
  const smallest = Math.min(...groups.map(({ n }) => n));
  return curveKs(smallest).map((k) => ({
    k,
    value: groups.reduce((sum, { c, n }) => sum + (passAtK(n, c, k) ?? 0), 0) / groups.length,
  }));
}

function secondSeedSummary(record: ItemRecord, drawn: SecondSeedDraw): SecondSeedSummary | null {
  const { question, sampler } = record;
  const { seed, samples } = drawn;
  if (samples.length === 0) return null;
  const hasTruth = rightAnswers(question).length > 0;
  const tally = tallyAnswers(samples, question);
  const c = countRight(tally);
  return {
    seed,
    tally,
    correctCount: hasTruth ? c : null,
    passAtK: hasTruth ? meanCurve([{ c, n: tally.n }]) : [],
    difference: seedNull(record, { ...record, sampler: { ...sampler, seed }, samples }),
  };
}

/** `null` when no image was answered. */
export function wrongImagesSummary(
  question: Question,
  { images, atHand, samplesPerImage }: WrongImagesDraw,
): WrongImagesSummary | null {
  const answered = images.filter(({ samples }) => samples.length > 0);
  if (answered.length === 0) return null;
  const hasTruth = rightAnswers(question).length > 0;
  const countOf = ({ samples }: WrongImageDraw): WrongImageCount => {
    const tally = tallyAnswers(samples, question);
    return { c: countRight(tally), n: tally.n };
  };
  const counts = answered.map(countOf);
  const tally = tallyAnswers(
    answered.flatMap(({ samples }) => samples),
    question,
  );
  const isEnough = hasTruth && counts.length >= MIN_WRONG_IMAGES;
  return {
    images: answered.length,
    atHand,
    samplesPerImage,
    tally,
    correctCount: hasTruth ? countRight(tally) : null,
    passAtK: hasTruth ? meanCurve(counts) : [],
    pBlind: isEnough ? blindEstimate(counts) : null,
  };
}

function part<Draw, Summary>(
  { drawn }: NullPart<Draw>,
  summarize: (drawn: Draw) => Summary | null,
): Summary | null {
  return drawn === null ? null : summarize(drawn);
}

/** `null` when the run was not asked for nulls. What was stopped counts as far as it came. */
export function summarizeNulls(record: ItemRecord): NullsSummary | null {
  const { nulls, question } = record;
  if (!nulls) return null;
  return {
    secondSeed: part(nulls.secondSeed, (drawn) => secondSeedSummary(record, drawn)),
    secondSeedReason: nulls.secondSeed.reason,
    wrongImages: part(nulls.wrongImages, (drawn) => wrongImagesSummary(question, drawn)),
    wrongImagesReason: nulls.wrongImages.reason,
  };
}
