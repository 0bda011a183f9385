/** Items of a run beside what a probe makes of the same images, found by the hash of their pixels. Pure. */

import { likeliestOf, offeredClasses, type SeenAndSaid } from '../core/probe/see-or-say.ts';
import type { Question } from '../core/types.ts';
import { medmnistSet } from '../data/medmnist.ts';
import type { ItemRow } from './item-rows.ts';
import type { VisionResult } from './vision-study.ts';

export interface JoinedItem extends SeenAndSaid {
  /** Place of the item in the run. */
  readonly place: number;
  /** Place of its image among the probe's test images. */
  readonly image: number;
  /** Class that the probe takes for the likeliest of those that were offered. */
  readonly seenClass: number;
  /** The T = 0 answer in words; `null` when none could be read. */
  readonly answer: string | null;
}

/**
 * @param byHash places of the run's rows by SHA-256 of their images (`rowsByImage`)
 * @returns in the order of the run; only questions with one right answer among classes of the set
 */
export function joinAnswers(
  { checkpointId, dataset, sha256s, labels, linear }: VisionResult,
  rows: readonly ItemRow[],
  byHash: ReadonlyMap<string, readonly number[]>,
): readonly JoinedItem[] {
  const names = medmnistSet(dataset).labels;
  const items = sha256s.flatMap((sha256, image) =>
    (byHash.get(sha256) ?? []).flatMap((place): readonly JoinedItem[] => {
      const row = rows[place];
      const figures = row?.figures[checkpointId];
      const label = labels[image] ?? -1;
      if (!row || !figures || row.item.image.split !== 'test') return [];
      const offered = isAbout(row.item.question, names, label)
        ? offeredClasses(row.item.question.options, names)
        : null;
      if (offered === null) return [];
      const seenClass = likeliestOf(linear.scores, image, names.length, offered);
      return [
        {
          place,
          image,
          seenClass,
          answer: figures.greedyLabel,
          sees: seenClass === label,
          says: figures.greedyCorrect,
        },
      ];
    }),
  );
  return items.sort((a, b) => a.place - b.place);
}

/** Whether the image's class, and nothing else, is the right answer. */
function isAbout(
  { options, correctOptions, referenceAnswer }: Question,
  names: readonly string[],
  label: number,
): boolean {
  if (options.length === 0) return referenceAnswer === names[label];
  const [right, ...others] = correctOptions;
  return right !== undefined && others.length === 0 && options[right] === names[label];
}

/** Places of rows by the SHA-256 of their images. */
export function rowsByImage(rows: readonly ItemRow[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const { place, item } of rows) {
    const own = places.get(item.image.sha256);
    if (own) own.push(place);
    else places.set(item.image.sha256, [place]);
  }
  return places;
}
