/**
 * The wrong-image null: how often the model gives the right option when it is shown another
 * image of the same dataset and of another class. What prompt and prior give without seeing.
 */
import { wilsonInterval, Z_95, type Interval } from './intervals.ts';

/** Fewer images say more about those images than about not seeing. */
export const MIN_WRONG_IMAGES = 4;

const MIN_SAMPLES_PER_IMAGE = 4;

/** Samples of each wrong image beside K of the true one: K/4 rounded up, at least 4. */
export function samplesPerWrongImage(k: number): number {
  return Math.max(MIN_SAMPLES_PER_IMAGE, Math.ceil(k / MIN_WRONG_IMAGES));
}

/**
 * Item id of a wrong image's random streams. With the item's own id alone all images would draw the
 * same random numbers, and their samples would not count as independent.
 */
export function wrongImageStreams(itemId: string, wrongItemId: string): string {
  return `${itemId} shown ${wrongItemId}`;
}

/** Of n samples with one wrong image, c gave the answer that is right for the true image. */
export interface WrongImageCount {
  readonly c: number;
  readonly n: number;
}

export interface BlindEstimate {
  /** Mean over the images of c / n; each image has the same weight. */
  readonly mean: number;
  readonly interval: Interval;
  readonly images: number;
}

/**
 * Two-sided 95 % quantile of Student's t by the Cornish–Fisher series (Abramowitz and Stegun
 * 26.7.5): off by 0.8 % at 3 degrees of freedom, less with more.
 */
function tQuantile95(df: number): number {
  const z = Z_95;
  return (
    z +
    (z ** 3 + z) / (4 * df) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * df ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * df ** 3)
  );
}

/**
 * pBlind from at least four wrong images.
 *
 * The interval is the wider, on each side, of two: Student's t over the image means (images
 * differ from one another) and Wilson over the pooled samples (four images at 0 of 16 have no
 * spread, and are still no proof of 0). Clipped to [0, 1].
 *
 * @throws RangeError for fewer than four images, or one with impossible counts or no samples.
 */
export function blindEstimate(counts: readonly WrongImageCount[]): BlindEstimate {
  const images = counts.length;
  if (images < MIN_WRONG_IMAGES) {
    throw new RangeError(`The wrong-image null needs at least four images, not ${images}.`);
  }
  for (const { c, n } of counts) {
    if (!(Number.isInteger(c) && Number.isInteger(n) && c >= 0 && c <= n && n >= 1)) {
      throw new RangeError(`A wrong image needs 0 ≤ c ≤ n and n ≥ 1, not ${c} of ${n}.`);
    }
  }
  const shares = counts.map(({ c, n }) => c / n);
  const mean = shares.reduce((sum, share) => sum + share, 0) / images;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (images - 1);
  const half = tQuantile95(images - 1) * Math.sqrt(variance / images);
  const pooled = wilsonInterval(
    counts.reduce((sum, { c }) => sum + c, 0),
    counts.reduce((sum, { n }) => sum + n, 0),
  );
  return {
    mean,
    interval: {
      lower: Math.max(0, Math.min(pooled.lower, mean - half)),
      upper: Math.min(1, Math.max(pooled.upper, mean + half)),
    },
    images,
  };
}
