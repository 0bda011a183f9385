/** The images that a probe learns from, chooses with and is tested on: of one set, in its three splits. */

import type { Split } from '../core/types.ts';
import { isMultiLabel, medmnistSet, type DatasetId } from '../data/medmnist.ts';
import { seededChoice } from '../data/seeded-order.ts';
import type { LabelledImage } from '../protocol/data.ts';
import { NamedError } from '../protocol/errors.ts';

export const SPLITS: readonly Split[] = ['train', 'val', 'test'];

/** Images of one split; pixels are read when they are asked for. */
export interface ProbeSplit {
  /** Per image the indexes of its classes. */
  readonly labels: readonly (readonly number[])[];
  readonly open: (places: readonly number[]) => Promise<readonly LabelledImage[]>;
}

export interface ProbeImages {
  readonly dataset: DatasetId;
  /** Where they come from, for people. */
  readonly origin: string;
  /** Words about who made them, and under which licence. */
  readonly attribution: string;
  /** `null` where the source has none of it; a probe needs train and test. */
  readonly splits: Readonly<Record<Split, ProbeSplit | null>>;
  /** Frees a file's pixels; absent where they are kept for the next time. */
  readonly release?: () => void;
}

/** At most so many images of each split. */
export type SplitSizes = Readonly<Record<Split, number>>;

/** What 2 cores encode by the tiny family in a few seconds a set. */
export const DEFAULT_SIZES: SplitSizes = { train: 400, val: 150, test: 200 };

/**
 * Of each split at most so many, drawn by the seed: the same images for every checkpoint.
 *
 * @param wanted test images that are taken first, by place: those that a run asks about
 */
export function drawnImages(
  images: ProbeImages,
  sizes: SplitSizes,
  seed: number,
  wanted: readonly number[] = [],
): ProbeImages {
  const draw = (split: Split): ProbeSplit | null => {
    const all = images.splits[split];
    if (all === null) return null;
    const first = split === 'test' ? wanted.filter((place) => place < all.labels.length) : [];
    const others = [...all.labels.keys()].filter((place) => !first.includes(place));
    const key = `probe ${String(seed)} ${images.dataset} ${split}`;
    const places = [
      ...first.slice(0, sizes[split]),
      ...seededChoice(key, others, Math.max(0, sizes[split] - first.length)),
    ];
    return {
      labels: places.map((place) => all.labels[place] ?? []),
      open: (own) => all.open(own.map((place) => places[place] ?? -1)),
    };
  };
  return { ...images, splits: { train: draw('train'), val: draw('val'), test: draw('test') } };
}

/** Throws `ProbeInvalid` where no probe can be run on them, with what to do. */
export function requireProbeImages({ dataset, origin, splits }: ProbeImages): void {
  const set = medmnistSet(dataset);
  if (isMultiLabel(set)) {
    throw new NamedError(
      'ProbeInvalid',
      `${set.name} gives an image several findings at once, and the probe tells one class of an image. Take one of the other eleven sets.`,
    );
  }
  for (const [split, word] of [
    ['train', 'training'],
    ['test', 'test'],
  ] as const) {
    if ((splits[split]?.labels.length ?? 0) > 0) continue;
    throw new NamedError(
      'ProbeInvalid',
      `${origin} has no ${word} images: a probe learns from train and is tested on test. Open the whole MedMNIST file.`,
    );
  }
}
