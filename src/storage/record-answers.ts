/** What a record answers, as a text that is equal for equal answers, however long they took. */

import type { ItemRecord, Sample } from '../core/types.ts';

/** Of the image itself; the nulls are left aside. */
export function answersOf({ greedy, samples }: ItemRecord): string {
  return JSON.stringify([greedy?.text, textsOf(samples)]);
}

/** The nulls too. */
export function allAnswersOf(record: ItemRecord): string {
  const { nulls } = record;
  const second = nulls?.secondSeed.drawn;
  const wrong = nulls?.wrongImages.drawn;
  return JSON.stringify([
    answersOf(record),
    second && [second.seed, textsOf(second.samples)],
    wrong?.images.map(({ image, samples }) => [image.sha256, textsOf(samples)]),
  ]);
}

const textsOf = (samples: readonly Sample[]): readonly (readonly [number, string])[] =>
  samples.map(({ index, text }) => [index, text]);
