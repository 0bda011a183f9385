/** What a run asks of an item, and whom, for those who plan it and those who run it. Pure. */

import type { Answerer } from '../core/types.ts';
import { samplesPerWrongImage } from '../core/wrong-image.ts';
import type { RunSettings } from '../storage/stored-run.ts';

/** Samples that an item asks for, nulls included. */
export function samplesOfItem(
  { sampler, nulls }: Pick<RunSettings, 'sampler' | 'nulls'>,
  wrongImages: number,
): number {
  return nulls ? 2 * sampler.k + wrongImages * samplesPerWrongImage(sampler.k) : sampler.k;
}

/** Which weights, and where they run. */
export const answererWords = ({ revision, dtype, device }: Answerer): string =>
  `${revision.slice(0, 12)}, ${dtype}, on ${device}`;
