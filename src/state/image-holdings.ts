/**
 * Where images come from: the built-in ones of a set, a `.npz` file, single files of the user's own.
 * A holding is what one of these shows and how an image of it is opened. Pure.
 */

import type { ImageSource, RgbImage, Split } from '../core/types.ts';
import { medmnistSet, type DatasetId } from '../data/medmnist.ts';
import { NamedError } from '../protocol/errors.ts';
import type { DecodedImage, LabelledImage, NpzSummary } from '../protocol/data.ts';
import type { LabelledSet } from '../evaluation/wrong-images.ts';

/** One image that can be picked; its pixels are fetched when it is. */
export interface PickableImage {
  readonly id: string;
  /** The truth in words; the file's name for the user's own image. */
  readonly label: string;
  readonly thumbnail: RgbImage;
}

export interface ImageCollection {
  readonly id: string;
  readonly name: string;
  readonly modality: string;
  readonly attribution: string;
  readonly images: readonly PickableImage[];
}

export interface ChosenImage extends DecodedImage {
  /** Class indexes of a MedMNIST image; `null` for the user's own. */
  readonly label: readonly number[] | null;
}

/** A collection with the way to its images. */
export interface Holding {
  readonly collection: ImageCollection;
  /** `null` for the user's own images. */
  readonly dataset: DatasetId | null;
  readonly open: (id: string) => Promise<ChosenImage>;
  /** Id of the test image that addresses call `dataset/index`; `null` where it is not among these. */
  readonly addressed: (dataset: string, index: number) => string | null;
  /** Its images with their classes; `null` where they have none. */
  readonly labelled: (() => LabelledSet['images']) | null;
  /** Classes of the image that a run was made from; `null` when it is not among these. */
  readonly labelOf: (source: ImageSource) => readonly number[] | null;
  /** What its images are called by where they come from, whether it has this one or not. */
  readonly idOf: (source: ImageSource) => string;
  /** The file in the data worker that holds the images; `null` for none. */
  readonly handle: string | null;
}

/** Id of the collection of the user's own images. */
export const OWN_IMAGES = 'own-images';
export const THUMBNAIL_SIDE = 28;
/** Thumbnails of an opened file; more would not help anybody to choose. */
export const SHOWN_OF_FILE = 400;

export const SPLIT_WORDS: Readonly<Record<Split, string>> = {
  train: 'training',
  val: 'validation',
  test: 'test',
};

/** The images of one set that are shipped with the page. */
export function builtInHolding(dataset: DatasetId, images: readonly LabelledImage[]): Holding {
  const set = medmnistSet(dataset);
  const idOf = ({ index }: ImageSource): string => `${dataset}/${String(index)}`;
  const byId = new Map(images.map((image) => [idOf(image.source), image]));
  return {
    collection: {
      id: dataset,
      name: set.name,
      modality: set.modality,
      attribution: `${set.name}, test images. MedMNIST v2 (Yang et al. 2023), ${set.license}.`,
      images: images.map((image) => ({
        id: idOf(image.source),
        label: labelWords(dataset, image.label),
        thumbnail: image.image,
      })),
    },
    dataset,
    handle: null,
    idOf,
    addressed: (set, index) => {
      const named = `${set}/${String(index)}`;
      return byId.has(named) ? named : null;
    },
    labelOf: (source) => {
      const image = byId.get(`${source.dataset ?? ''}/${String(source.index)}`);
      return image?.source.sha256 === source.sha256 ? image.label : null;
    },
    labelled: () => images.map(({ source, label }) => ({ id: idOf(source), label })),
    open: (id) => {
      const image = byId.get(id);
      return image
        ? Promise.resolve(image)
        : Promise.reject(new NamedError('ImageUnreadable', `There is no image ${id}.`));
    },
  };
}

/** The images of one split of an opened file, of which the first have thumbnails. */
export function fileHolding(
  dataset: DatasetId,
  { handle, imageCount, split, splitCount, fileName, labels }: NpzSummary,
  thumbnails: readonly RgbImage[],
  openAt: (index: number) => Promise<ChosenImage>,
): Holding {
  const set = medmnistSet(dataset);
  const id = split === 'test' ? `file/${fileName}` : `file/${fileName}/${split}`;
  const words = SPLIT_WORDS[split];
  return {
    collection: {
      id,
      name: split === 'test' ? `${set.name}, ${fileName}` : `${set.name}, ${fileName}, ${words}`,
      modality: set.modality,
      attribution: `${set.name} ${words} images from ${fileName}: ${thumbnails.length} of ${splitCount} shown. MedMNIST v2, ${set.license}.`,
      images: thumbnails.map((thumbnail, index) => ({
        id: `${id}/${index}`,
        label: labelWords(dataset, labels[index] ?? []),
        thumbnail,
      })),
    },
    dataset,
    handle,
    idOf: ({ index }) => `${id}/${String(index)}`,
    // Those without a thumbnail too: an address names them all the same.
    addressed: (wanted, index) =>
      split === 'test' && wanted === dataset && index in labels && index < imageCount
        ? `${id}/${String(index)}`
        : null,
    labelOf: (source) =>
      source.dataset === dataset && source.split === split && source.index !== null
        ? (labels[source.index] ?? null)
        : null,
    labelled: () =>
      Array.from({ length: imageCount }, (_, index) => ({
        id: `${id}/${index}`,
        label: labels[index] ?? [],
      })),
    open: async (wanted) => openAt(Number(wanted.split('/').at(-1))),
  };
}

/** Indexes of the built-in test images by set, rising. */
export function shippedIndexes(
  holdings: readonly Holding[],
): ReadonlyMap<string, readonly number[]> {
  return new Map(
    holdings.flatMap(({ dataset, handle, collection }) => {
      if (dataset === null || handle !== null) return [];
      const indexes = collection.images.map(({ id }) => Number(id.split('/').at(-1)));
      return [[dataset, indexes.sort((a, b) => a - b)] as const];
    }),
  );
}

export function ownImageId({ source }: Pick<DecodedImage, 'source'>): string {
  return `${OWN_IMAGES}/${source.sha256}`;
}

/** The user's own images with one more; the same pixels again take the place of the first. */
export function withOwnImage(own: Holding | null, { image, source }: DecodedImage): Holding {
  const id = ownImageId({ source });
  const added: PickableImage = { id, label: source.name, thumbnail: image };
  return {
    collection: {
      id: OWN_IMAGES,
      name: 'from your files',
      modality: 'Own images',
      attribution: 'Your own files: they stay in this browser.',
      images: [...(own?.collection.images.filter((one) => one.id !== id) ?? []), added],
    },
    dataset: null,
    handle: null,
    idOf: (wanted) => ownImageId({ source: wanted }),
    addressed: () => null,
    labelOf: () => null,
    labelled: null,
    open: (wanted) =>
      wanted === id || !own ? Promise.resolve({ image, source, label: null }) : own.open(wanted),
  };
}

function labelWords(dataset: DatasetId, label: readonly number[]): string {
  const { labels } = medmnistSet(dataset);
  return label.length === 0 ? 'no finding' : label.map((index) => labels[index] ?? '?').join(', ');
}
