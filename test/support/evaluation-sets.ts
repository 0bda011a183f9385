/** Small sets of images for runs over sets. */

import type { RgbImage } from '../../src/core/types.ts';
import { medmnistSet } from '../../src/data/medmnist.ts';
import type { EvaluationSet } from '../../src/evaluation/plan-run.ts';

/** A set with two images of each class, or as many as are asked for, told apart by their pixels. */
export function setOf(dataset: 'bloodmnist' | 'pathmnist', count?: number): EvaluationSet {
  const classes = medmnistSet(dataset).labels.length;
  const images = Array.from({ length: count ?? 2 * classes }, (_, index) => ({
    id: String(index),
    label: [index % classes],
  }));
  return {
    dataset,
    images,
    open: (id) => {
      const image: RgbImage = { width: 1, height: 1, data: Uint8Array.of(Number(id), 0, 0) };
      const source = {
        dataset,
        split: 'test' as const,
        index: Number(id),
        name: dataset,
        width: 1,
        height: 1,
        sha256: `${dataset} ${id}`,
      };
      return Promise.resolve({ image, source });
    },
  };
}
