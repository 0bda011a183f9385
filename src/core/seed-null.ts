/**
 * The A/A null: the same checkpoint on the same item again with another seed. What differs here
 * differs by chance; every difference between checkpoints is shown beside it.
 */
import { newcombeDifference, type Difference } from './intervals.ts';
import { rightAnswers } from './question.ts';
import { tallyAnswers } from './tally.ts';
import type { ItemRecord } from './types.ts';

/** Added to the run seed; `SECOND_SEED` of recipes/train/measure.py. */
const SECOND_SEED_OFFSET = 1_000_003;

/** The seed of the A/A null: run seed + 1,000,003, modulo 2³². Never the run seed itself. */
export function secondSeed(runSeed: number): number {
  return (runSeed + SECOND_SEED_OFFSET) % 2 ** 32;
}

/** What of a record the comparison needs. */
export type SeedRun = Pick<
  ItemRecord,
  'itemId' | 'answerer' | 'image' | 'question' | 'promptText' | 'sampler' | 'samples'
>;

/** What must be equal for the only difference to be the seed. */
function conditions(record: SeedRun): string {
  const { itemId, answerer, image, question, promptText, sampler } = record;
  const { temperature, topK, topP, minP, maxNewTokens } = sampler;
  return JSON.stringify([
    [itemId, image.sha256, promptText, question.correctOptions, question.referenceAnswer],
    [answerer.checkpointId, answerer.revision, answerer.dtype],
    [temperature, topK, topP, minP, maxNewTokens],
  ]);
}

function countCorrect({ samples, question }: SeedRun): { c: number; n: number } {
  const { outcomes, n } = tallyAnswers(samples, question);
  const c = outcomes.reduce((sum, { correct, count }) => sum + (correct === true ? count : 0), 0);
  return { c, n };
}

/**
 * p̂(second) − p̂(first) of the same checkpoint under two seeds, with its Newcombe interval.
 *
 * @returns `null` when no truth is marked or one record has no samples
 * @throws RangeError when more than the seed (and K) differs, or when the seeds are equal: the
 *   samples are then the same ones, and their difference no null.
 */
export function seedNull(first: SeedRun, second: SeedRun): Difference | null {
  if (conditions(first) !== conditions(second)) {
    throw new RangeError('The seed null compares one checkpoint, item, prompt and sampler only.');
  }
  if (first.sampler.seed === second.sampler.seed) {
    throw new RangeError('The seed null needs two different seeds.');
  }
  if (rightAnswers(first.question).length === 0) return null;
  if (first.samples.length === 0 || second.samples.length === 0) return null;
  return newcombeDifference(countCorrect(first), countCorrect(second));
}
