/**
 * The images one can pick: the built-in test images, the test split of an opened `.npz`, and single
 * files of the user's own. A file that cannot be read changes nothing but the notice.
 */

import type { ImageSource, RgbImage, Split } from '../core/types.ts';
import { isDatasetId, medmnistSet, type DatasetId } from '../data/medmnist.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { NpzProgress, NpzSummary } from '../protocol/data.ts';
import type { ImageLibrary } from '../storage/image-library.ts';
import {
  builtInHolding,
  fileHolding,
  OWN_IMAGES,
  ownImageId,
  shippedIndexes,
  SHOWN_OF_FILE,
  SPLIT_WORDS,
  THUMBNAIL_SIDE,
  withOwnImage,
  type ChosenImage,
  type Holding,
} from './image-holdings.ts';
import type { EvaluationSet } from '../evaluation/plan-run.ts';
import { chooseWrongImages, type WrongImageChoice } from '../evaluation/wrong-images.ts';

/** A collection whose images have classes, as a run over sets takes it. */
export interface LabelledCollection extends EvaluationSet {
  /** Of the collection. */
  readonly id: string;
  readonly name: string;
  readonly modality: string;
}

/** A `.npz` whose set is not certain: the user settles it. */
export interface AmbiguousFile {
  readonly fileName: string;
  readonly candidates: readonly DatasetId[];
}

export class ImageGallery {
  #holdings = $state.raw<readonly Holding[]>([]);
  #collectionId = $state('');
  #chosen = $state.raw<ChosenImage | null>(null);
  #chosenId = $state<string | null>(null);
  /** Collection that the chosen image is of; `null` for none. */
  #originId = $state<string | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #notice = $state('');
  #reading = $state<string | null>(null);
  #ambiguous = $state.raw<AmbiguousFile | null>(null);
  #undecided: NpzSummary | null = null;
  #abort: AbortController | null = null;
  #opened: Promise<boolean> | null = null;

  readonly collections = $derived(this.#holdings.map(({ collection }) => collection));
  readonly collection = $derived(
    this.collections.find(({ id }) => id === this.#collectionId) ?? null,
  );

  /** What a run over sets can take its items from. */
  readonly labelled = $derived.by<readonly LabelledCollection[]>(() =>
    this.#holdings.flatMap(({ collection, dataset, labelled, open }) => {
      const images = labelled?.() ?? [];
      const { id, name, modality } = collection;
      return dataset === null || images.length === 0
        ? []
        : [{ id, name, modality, dataset, images, open }];
    }),
  );

  constructor(private readonly library: ImageLibrary) {}

  get chosen(): ChosenImage | null {
    return this.#chosen;
  }
  get chosenId(): string | null {
    return this.#chosenId;
  }
  /** Another collection is on show than that of the chosen image. */
  get isElsewhere(): boolean {
    return this.#chosen !== null && this.#originId !== this.#collectionId;
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

  /** Fetches the built-in images, once: whoever asks again waits for the same. */
  async open(): Promise<void> {
    this.#opened ??= this.#try(async () => {
      const sets = await this.library.openGallery();
      this.#holdings = sets.flatMap(({ dataset, images }) =>
        isDatasetId(dataset) ? [builtInHolding(dataset, images)] : [],
      );
      this.#collectionId = this.#holdings[0]?.collection.id ?? '';
    });
    if (!(await this.#opened)) this.#opened = null;
  }

  /** Indexes of the built-in test images by set, rising; empty before `open`. */
  get shipped(): ReadonlyMap<string, readonly number[]> {
    return shippedIndexes(this.#holdings);
  }

  /** Id of a test image by its set and index; `null` when neither the page nor an open file has it. */
  idOf(dataset: string, index: number): string | null {
    for (const { addressed } of this.#holdings) {
      const id = addressed(dataset, index);
      if (id !== null) return id;
    }
    return null;
  }

  showCollection(id: string): void {
    this.#collectionId = id;
  }

  /** Is there an image of that id with a thumbnail? */
  has(id: string): boolean {
    return this.#holdings.some(({ collection }) => collection.images.some((one) => one.id === id));
  }

  /** `true` when the image was found and opened. */
  async pick(id: string): Promise<boolean> {
    const holding =
      this.#holdings.find(({ collection }) => collection.images.some((one) => one.id === id)) ??
      // Of a file only the first have thumbnails; an address can name the others.
      this.#holdings.find(({ labelled }) => labelled?.().some((one) => one.id === id));
    if (!holding) return false;
    return this.#try(async () => {
      this.#chosen = await holding.open(id);
      this.#chosenId = id;
      this.#collectionId = holding.collection.id;
      this.#originId = holding.collection.id;
    });
  }

  /** No image is chosen. */
  leave(): void {
    this.#chosen = null;
    this.#chosenId = null;
    this.#originId = null;
  }

  /** Images of other classes to show instead of the chosen one, drawn by the run seed. */
  async wrongImages(runSeed: number): Promise<WrongImageChoice> {
    const chosen = this.#chosen;
    if (chosen === null) return { images: null, reason: 'No image is chosen.' };
    const origin = this.#holdings.find(({ collection }) => collection.id === this.#originId);
    const images = origin?.labelled?.();
    const set = origin && images ? { images, open: origin.open } : null;
    return chooseWrongImages(chosen, set, runSeed);
  }

  /**
   * Shows an image that came with a run. Its label is known when the gallery has the image, and so is its
   * place there.
   */
  showImported(image: RgbImage, source: ImageSource): void {
    const origin = this.#holdings.find(({ labelOf }) => labelOf(source) !== null);
    const shownAs = ({ collection, idOf }: Holding): string | null =>
      collection.images.find(({ id }) => id === idOf(source))?.id ?? null;
    const place = origin ?? this.#holdings.find((holding) => shownAs(holding) !== null);
    this.#chosen = { image, source, label: origin?.labelOf(source) ?? null };
    this.#originId = place?.collection.id ?? null;
    // A file shows thumbnails of its first images only.
    this.#chosenId = place ? shownAs(place) : null;
    if (place) this.#collectionId = place.collection.id;
  }

  /** Opens files one after the other, of a `.npz` one split; `true` when the last one brought a single image. */
  async addFiles(files: readonly File[], split: Split = 'test'): Promise<boolean> {
    let chose = false;
    for (const file of files) {
      const isNpz = /\.npz$/i.test(file.name);
      chose = await this.#try(async () => {
        this.#reading = file.name;
        if (isNpz) await this.#addNpz(file, split);
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
    const decoded = await this.library.decodeImage(file);
    const own = this.#holdings.find(({ collection }) => collection.id === OWN_IMAGES) ?? null;
    this.#put(withOwnImage(own, decoded));
    this.#chosen = { ...decoded, label: null };
    this.#chosenId = ownImageId(decoded);
    this.#originId = OWN_IMAGES;
  }

  async #addNpz(file: File, split: Split): Promise<void> {
    this.#abort = new AbortController();
    const calls = {
      signal: this.#abort.signal,
      onEvent: ({ readBytes, totalBytes }: NpzProgress) => {
        const percent = totalBytes > 0 ? Math.round((readBytes / totalBytes) * 100) : 0;
        this.#reading = `${file.name}, ${percent} %`;
      },
    };
    const summary = await this.library.readNpz(file, calls, split);
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
    const { dataset, handle, imageCount, split, splitCount, fileName } = summary;
    if (dataset === null || !isDatasetId(dataset)) {
      throw new NamedError('NpzInvalid', `${fileName} is none of the twelve MedMNIST 2D sets.`);
    }
    const set = medmnistSet(dataset);
    const shown = Math.min(imageCount, SHOWN_OF_FILE);
    const indexes = Array.from({ length: shown }, (_, index) => index);
    const thumbnails = await this.library.thumbnails(handle, indexes, THUMBNAIL_SIDE);
    this.#put(
      fileHolding(dataset, summary, thumbnails, (index) => this.library.imageAt(handle, index)),
    );
    this.#undecided = null;
    this.#ambiguous = null;
    const cut =
      imageCount < splitCount
        ? ` The first ${imageCount} of ${splitCount} are kept, to spare memory.`
        : '';
    this.#notice = `${fileName} is ${set.name}: ${imageCount} ${SPLIT_WORDS[split]} images joined the gallery.${cut}`;
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
