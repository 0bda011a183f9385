/**
 * Which images stand in for the chosen one in the wrong-image null: of the same set, split and size,
 * without any class in common with it, drawn by run seed and item.
 */

import type { ImageSource } from '../core/types.ts';
import { MIN_WRONG_IMAGES } from '../core/wrong-image.ts';
import { isDatasetId } from '../data/medmnist.ts';
import { seededChoice } from '../data/seeded-order.ts';
import type { DecodedImage } from '../protocol/data.ts';
import { asNamedError } from '../protocol/errors.ts';
import { itemIdOf } from './live-record.ts';

/** The images of one set that the page has, in a fixed order. */
export interface LabelledSet {
  readonly images: readonly { readonly id: string; readonly label: readonly number[] }[];
  readonly open: (id: string) => Promise<DecodedImage>;
  /**
   * Each image is a class of its own, and is there once per question about it. They have sizes of their
   * own, so that no size is a sign of another file.
   */
  readonly classesAreImages?: boolean;
}

/** The image that the question is about. */
export interface ItemImage {
  readonly source: ImageSource;
  /** Its classes; `null` where they are not known. */
  readonly label: readonly number[] | null;
}

/** `images` is `null` when there are none; `reason` is a sentence for people. */
export type WrongImageChoice =
  | { readonly images: readonly DecodedImage[]; readonly atHand: number; readonly reason: null }
  | { readonly images: null; readonly reason: string };

const none = (reason: string): WrongImageChoice => ({ images: null, reason });

/** Two images without a finding are of one class. */
function sharesClass(a: readonly number[], b: readonly number[]): boolean {
  return a.length === 0 ? b.length === 0 : a.some((index) => b.includes(index));
}

/** The first of each class. */
function onePerClass(images: LabelledSet['images']): LabelledSet['images'] {
  const seen = new Set<number>();
  return images.filter(({ label: [one = -1] }) => !seen.has(one) && seen.add(one));
}

/**
 * Four images, the same for the same run seed, item and images at hand.
 *
 * @param set the images that the chosen one is among; `null` when it is among none
 */
export async function chooseWrongImages(
  { source, label }: ItemImage,
  set: LabelledSet | null,
  runSeed: number,
): Promise<WrongImageChoice> {
  if (source.dataset === null) {
    return none('An image of your own belongs to no set that has images of other classes.');
  }
  if (label === null || set === null) {
    return none(
      isDatasetId(source.dataset)
        ? 'The other images of its set are not on this page: open the MedMNIST file.'
        : 'The other images of its set are not on this page: a run under Evaluate has them.',
    );
  }
  const isByImage = set.classesAreImages === true;
  const strangers = set.images.filter((one) => !sharesClass(one.label, label));
  const others = isByImage ? onePerClass(strangers) : strangers;
  if (others.length < MIN_WRONG_IMAGES) {
    const atHand = others.length === 1 ? '1 image' : `${String(others.length)} images`;
    return none(`${atHand} of other classes at hand, and ${String(MIN_WRONG_IMAGES)} are needed.`);
  }
  const key = `wrong images ${String(runSeed)} ${itemIdOf(source)}`;
  const drawn = seededChoice(key, others, MIN_WRONG_IMAGES);
  try {
    const images = await Promise.all(drawn.map(({ id }) => set.open(id)));
    return isByImage || images.every(({ image }) => image.width === source.width)
      ? { images, atHand: others.length, reason: null }
      : none('The images of its set on this page have another size.');
  } catch (thrown) {
    return none(asNamedError(thrown).message);
  }
}
