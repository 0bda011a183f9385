/**
 * The images one can pick: the built-in test images, the test split of an opened `.npz`, and single
 * files of the user's own. A file that cannot be read changes nothing but the notice.
 */

import type { ImageSource, RgbImage } from '../core/types.ts';
import { isDatasetId, medmnistSet, type DatasetId } from '../data/medmnist.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { DecodedImage, LabelledImage, NpzSummary } from '../protocol/data.ts';
import type { ImageLibrary } from '../storage/image-library.ts';

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

/** A `.npz` whose set is not certain: the user settles it. */
export interface AmbiguousFile {
  readonly fileName: string;
  readonly candidates: readonly DatasetId[];
}

interface Holding {
  readonly collection: ImageCollection;
  readonly open: (id: string) => Promise<ChosenImage>;
  /** Classes of the image that a run was made from; `null` when it is not among these. */
  readonly labelOf: (source: ImageSource) => readonly number[] | null;
  /** The file in the data worker that holds the images; `null` for none. */
  readonly handle: string | null;
}

const OWN = 'own-images';
const THUMBNAIL_SIDE = 28;
/** Thumbnails of an opened file; more would not help anybody to choose. */
const SHOWN_OF_FILE = 400;

export class ImageGallery {
  #holdings = $state.raw<readonly Holding[]>([]);
  #collectionId = $state('');
  #chosen = $state.raw<ChosenImage | null>(null);
  #chosenId = $state<string | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #notice = $state('');
  #reading = $state<string | null>(null);
  #ambiguous = $state.raw<AmbiguousFile | null>(null);
  #undecided: NpzSummary | null = null;
  #abort: AbortController | null = null;

  readonly collections = $derived(this.#holdings.map(({ collection }) => collection));
  readonly collection = $derived(
    this.collections.find(({ id }) => id === this.#collectionId) ?? null,
  );

  constructor(private readonly library: ImageLibrary) {}

  get chosen(): ChosenImage | null {
    return this.#chosen;
  }
  get chosenId(): string | null {
    return this.#chosenId;
  }
  get error(): NamedError | null {
    return this.#error;
  }
  /** What the last file gave, in a sentence; empty when there is nothing to say. */
  get notice(): string {
    return this.#notice;
  }
  /** Name of the file that is being read. */
  get reading(): string | null {
    return this.#reading;
  }
  get ambiguous(): AmbiguousFile | null {
    return this.#ambiguous;
  }

  /** Fetches the built-in images. */
  async open(): Promise<void> {
    await this.#try(async () => {
      const sets = await this.library.openGallery();
      this.#holdings = sets.flatMap(({ dataset, images }) =>
        isDatasetId(dataset) ? [builtInHolding(dataset, images)] : [],
      );
      this.#collectionId = this.#holdings[0]?.collection.id ?? '';
    });
  }

  showCollection(id: string): void {
    this.#collectionId = id;
  }

  /** `true` when the image was found and opened. */
  async pick(id: string): Promise<boolean> {
    const holding = this.#holdings.find(({ collection }) =>
      collection.images.some((image) => image.id === id),
    );
    if (!holding) return false;
    return this.#try(async () => {
      this.#chosen = await holding.open(id);
      this.#chosenId = id;
      this.#collectionId = holding.collection.id;
    });
  }

  /** Shows an image that came with a run. Its label is known when the gallery has the image. */
  showImported(image: RgbImage, source: ImageSource): void {
    const label =
      this.#holdings.map(({ labelOf }) => labelOf(source)).find((found) => found !== null) ?? null;
    this.#chosen = { image, source, label };
    this.#chosenId = null;
  }

  /** Opens files one after the other; `true` when the last one brought a single image. */
  async addFiles(files: readonly File[]): Promise<boolean> {
    let chose = false;
    for (const file of files) {
      const isNpz = /\.npz$/i.test(file.name);
      chose = await this.#try(async () => {
        this.#reading = file.name;
        if (isNpz) await this.#addNpz(file);
        else await this.#addImage(file);
      });
      chose &&= !isNpz;
    }
    return chose;
  }

  stopReading(): void {
    this.#abort?.abort();
  }

  /** Settles an ambiguous file on one of its candidates. */
  async settle(dataset: DatasetId): Promise<void> {
    const undecided = this.#undecided;
    if (!undecided) return;
    await this.#try(async () => {
      await this.#addSummary(await this.library.chooseDataset(undecided.handle, dataset));
    });
  }

  async #addImage(file: File): Promise<void> {
    const { image, source } = await this.library.decodeImage(file);
    const id = `${OWN}/${source.sha256}`;
    const picked: PickableImage = { id, label: source.name, thumbnail: image };
    const own = this.#holdings.find(({ collection }) => collection.id === OWN);
    const images = [...(own?.collection.images.filter((one) => one.id !== id) ?? []), picked];
    const collection: ImageCollection = {
      id: OWN,
      name: 'from your files',
      modality: 'Own images',
      attribution: 'Your own files: they stay in this browser.',
      images,
    };
    const openOthers = own?.open;
    this.#put({
      collection,
      handle: null,
      labelOf: () => null,
      open: (wanted) =>
        wanted === id || !openOthers
          ? Promise.resolve({ image, source, label: null })
          : openOthers(wanted),
    });
    this.#chosen = { image, source, label: null };
    this.#chosenId = id;
  }

  async #addNpz(file: File): Promise<void> {
    this.#abort = new AbortController();
    const summary = await this.library.readNpz(file, {
      signal: this.#abort.signal,
      onEvent: ({ readBytes, totalBytes }) => {
        const percent = totalBytes > 0 ? Math.round((readBytes / totalBytes) * 100) : 0;
        this.#reading = `${file.name}, ${percent} %`;
      },
    });
    if (summary.dataset !== null) {
      await this.#addSummary(summary);
      return;
    }
    this.#undecided = summary;
    this.#ambiguous = {
      fileName: summary.fileName,
      candidates: summary.candidates.filter(isDatasetId),
    };
  }

  async #addSummary(summary: NpzSummary): Promise<void> {
    const { dataset, handle, imageCount, splitCount, fileName, labels } = summary;
    if (dataset === null || !isDatasetId(dataset)) {
      throw new NamedError('NpzInvalid', `${fileName} is none of the twelve MedMNIST 2D sets.`);
    }
    const set = medmnistSet(dataset);
    const shown = Math.min(imageCount, SHOWN_OF_FILE);
    const indexes = Array.from({ length: shown }, (_, index) => index);
    const thumbnails = await this.library.thumbnails(handle, indexes, THUMBNAIL_SIDE);
    const id = `file/${fileName}`;
    this.#put({
      collection: {
        id,
        name: `${set.name}, ${fileName}`,
        modality: set.modality,
        attribution: `${set.name} test images from ${fileName}: ${shown} of ${splitCount} shown. MedMNIST v2, ${set.license}.`,
        images: thumbnails.map((thumbnail, index) => ({
          id: `${id}/${index}`,
          label: labelWords(dataset, labels[index] ?? []),
          thumbnail,
        })),
      },
      handle,
      labelOf: (source) =>
        source.dataset === dataset && source.split === 'test' && source.index !== null
          ? (labels[source.index] ?? null)
          : null,
      open: async (wanted) => this.library.imageAt(handle, Number(wanted.split('/').at(-1))),
    });
    this.#undecided = null;
    this.#ambiguous = null;
    const cut =
      imageCount < splitCount
        ? ` The first ${imageCount} of ${splitCount} are kept, to spare memory.`
        : '';
    this.#notice = `${fileName} is ${set.name}: ${imageCount} test images joined the gallery.${cut}`;
  }

  #put(holding: Holding): void {
    const { id } = holding.collection;
    const replaced = this.#holdings.find(({ collection }) => collection.id === id);
    if (replaced && replaced.handle !== null)
      this.library.release(replaced.handle).catch(() => undefined);
    this.#holdings = [...this.#holdings.filter(({ collection }) => collection.id !== id), holding];
    this.#collectionId = id;
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    this.#error = null;
    this.#notice = '';
    try {
      await work();
      return true;
    } catch (thrown) {
      const error = asNamedError(thrown);
      if (error.name !== 'Cancelled') this.#error = error;
      return false;
    } finally {
      this.#reading = null;
      this.#abort = null;
    }
  }
}

function builtInHolding(dataset: DatasetId, images: readonly LabelledImage[]): Holding {
  const set = medmnistSet(dataset);
  const idOf = ({ source }: LabelledImage): string => `${dataset}/${String(source.index)}`;
  const byId = new Map(images.map((image) => [idOf(image), image]));
  return {
    collection: {
      id: dataset,
      name: set.name,
      modality: set.modality,
      attribution: `${set.name}, test images. MedMNIST v2 (Yang et al. 2023), ${set.license}.`,
      images: images.map((image) => ({
        id: idOf(image),
        label: labelWords(dataset, image.label),
        thumbnail: image.image,
      })),
    },
    handle: null,
    labelOf: (source) => {
      const image = byId.get(`${source.dataset ?? ''}/${String(source.index)}`);
      return image?.source.sha256 === source.sha256 ? image.label : null;
    },
    open: (id) => {
      const image = byId.get(id);
      return image
        ? Promise.resolve(image)
        : Promise.reject(new NamedError('ImageUnreadable', `There is no image ${id}.`));
    },
  };
}

function labelWords(dataset: DatasetId, label: readonly number[]): string {
  const { labels } = medmnistSet(dataset);
  return label.length === 0 ? 'no finding' : label.map((index) => labels[index] ?? '?').join(', ');
}
