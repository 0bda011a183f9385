/** Images for probes without files: small squares of one tone a class. */

import type { FeatureTables } from '../../src/core/probe/features.ts';
import type { RgbImage, Split } from '../../src/core/types.ts';
import type { DatasetId } from '../../src/data/medmnist.ts';
import type { ProbeImages, ProbeSplit } from '../../src/evaluation/probe-images.ts';
import type { ImageFeatures } from '../../src/storage/feature-store.ts';

export const sha256Of = (dataset: string, split: Split, place: number): string =>
  `${dataset} ${split} ${String(place)}`;

export function splitOf(
  dataset: DatasetId,
  split: Split,
  labels: readonly number[],
): ProbeSplit & { readonly opened: number[] } {
  const opened: number[] = [];
  return {
    labels: labels.map((label) => [label]),
    opened,
    open: (places) => {
      opened.push(...places);
      return Promise.resolve(
        places.map((place) => ({
          image: toned(labels[place] ?? 0, place),
          label: [labels[place] ?? 0],
          source: {
            dataset,
            split,
            index: place,
            name: dataset,
            width: 2,
            height: 2,
            sha256: sha256Of(dataset, split, place),
          },
        })),
      );
    },
  };
}

function toned(label: number, place: number): RgbImage {
  return { width: 2, height: 2, data: new Uint8Array(12).fill(60 * label + (place % 7)) };
}

/** `count` images a split of two classes in turns. */
export function probeImages(dataset: DatasetId, count = 12): ProbeImages {
  const labels = Array.from({ length: count }, (_, place) => place % 2);
  return {
    dataset,
    origin: 'made up',
    attribution: 'made up',
    splits: {
      train: splitOf(dataset, 'train', labels),
      val: splitOf(dataset, 'val', labels),
      test: splitOf(dataset, 'test', labels),
    },
  };
}

/** What a tower would give: its tone, and noise that says nothing. */
export function tonesOf(images: readonly RgbImage[]): FeatureTables {
  const values = images.flatMap(({ data }, row) => [data[0] ?? 0, Math.sin(row)]);
  const features = { rows: images.length, width: 2, values: Float32Array.from(values) };
  return { 'tower-mean': features, 'projector-mean': features };
}

export class MemoryFeatures {
  readonly kept = new Map<string, ImageFeatures>();
  /** Thrown by the next `put`. */
  error: Error | null = null;

  get(weights: string, sha256s: readonly string[]): Promise<readonly (ImageFeatures | null)[]> {
    return Promise.resolve(sha256s.map((one) => this.kept.get(`${weights}/${one}`) ?? null));
  }
  put(weights: string, rows: ReadonlyMap<string, ImageFeatures>): Promise<void> {
    if (this.error) return Promise.reject(this.error);
    for (const [sha256, features] of rows) this.kept.set(`${weights}/${sha256}`, features);
    return Promise.resolve();
  }
}
