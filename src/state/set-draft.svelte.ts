/** The sets that a run over sets takes its items from: those of the page, and those of opened files. */

import type { Split } from '../core/types.ts';
import type { FieldProblem } from '../core/validate.ts';
import type { DatasetId } from '../data/medmnist.ts';
import type { PathedFile } from '../evaluation/vqa-images.ts';
import type { ImageGallery, LabelledCollection } from './image-gallery.svelte.ts';
import { isVqaPath, type VqaShelf } from './vqa-shelf.svelte.ts';

/** What of the gallery a run over sets needs. */
export type SetGallery = Pick<
  ImageGallery,
  'labelled' | 'addFiles' | 'settle' | 'stopReading' | 'ambiguous' | 'reading' | 'notice' | 'error'
>;

/** Who asks about the images: the page, by their classes, or the file that they came with. */
export type Asker = 'page' | 'file' | 'both';

export class SetDraft {
  /** `null` until something was chosen: then every set that ships with the page. */
  #chosenIds = $state.raw<readonly string[] | null>(null);
  #split = $state<Split>('test');
  #notice = $state('');
  #picked = $state.raw<readonly LabelledCollection[]>([]);

  readonly chosen = $derived.by<readonly LabelledCollection[]>(() => {
    const ids = this.#chosenIds;
    return this.available.filter(({ id, dataset }) =>
      ids === null ? id === dataset : ids.includes(id),
    );
  });

  readonly asker = $derived.by<Asker>(() => {
    const own = this.chosen.filter(({ questionOf }) => questionOf !== undefined).length;
    if (own === 0) return 'page';
    return own === this.chosen.length ? 'file' : 'both';
  });

  readonly problems = $derived.by<readonly FieldProblem[]>(() => {
    const { ruleProblem } = this.vqa;
    return [
      ...(this.chosen.length === 0 ? [{ field: 'sets', message: 'Choose at least one set.' }] : []),
      ...(this.asker !== 'page' && ruleProblem !== null
        ? [{ field: 'grading', message: ruleProblem }]
        : []),
    ];
  });

  constructor(
    readonly gallery: SetGallery,
    readonly vqa: VqaShelf,
  ) {}

  /** What there is to choose from. */
  get available(): readonly LabelledCollection[] {
    return [...this.gallery.labelled, ...this.vqa.collections, ...this.#picked];
  }
  /** Which images of a `.npz` are taken when one is opened. */
  get split(): Split {
    return this.#split;
  }
  /** Why a file was not taken; empty when all were. */
  get notice(): string {
    return this.#notice;
  }

  has(id: string): boolean {
    return this.chosen.some((set) => set.id === id);
  }

  toggle(id: string): void {
    if (!this.has(id)) this.#choose(id);
    else this.#chosenIds = this.chosen.map((set) => set.id).filter((one) => one !== id);
  }

  /** Takes images that were picked elsewhere, in place of those picked before, and of every other set. */
  takePicked(collection: LabelledCollection): void {
    this.#picked = [collection];
    this.#chosenIds = [collection.id];
  }

  setSplit(split: Split): void {
    this.#split = split;
  }

  /**
   * Opens MedMNIST files, of which it takes one split, and a VQA file with its images; each set that
   * comes with them is chosen.
   */
  async addFiles(files: readonly PathedFile[]): Promise<void> {
    const npz = files.filter(({ path }) => /\.npz$/iu.test(path));
    const vqa = files.filter(({ path }) => isVqaPath(path));
    const known = npz.length + vqa.length;
    // A folder may hold anything; a file that was picked by itself was meant.
    const isFolder = files.some(({ path }) => path.includes('/'));
    const isRefused = known === 0 || (known < files.length && !isFolder);
    this.#notice = isRefused
      ? 'A run takes MedMNIST .npz files, and .jsonl files of medical VQA with their PNG, JPEG or WebP images.'
      : '';
    await this.#withNewSets(async () => {
      if (npz.length > 0) {
        await this.gallery.addFiles(
          npz.map(({ file }) => file),
          this.#split,
        );
      }
      if (vqa.length > 0) await this.vqa.open(vqa);
    });
  }

  /** Says which set an ambiguous file is. */
  async settle(dataset: DatasetId): Promise<void> {
    await this.#withNewSets(() => this.gallery.settle(dataset));
  }

  async #withNewSets(work: () => Promise<unknown>): Promise<void> {
    const before = this.available;
    await work();
    for (const { id } of this.available) {
      if (!before.some((set) => set.id === id)) this.#choose(id);
    }
  }

  /**
   * Of one data set there can be one source: the same rows twice would count twice, and two splits
   * would be mixed in one set's figures.
   */
  #choose(id: string): void {
    const added = this.available.find((set) => set.id === id);
    const others = this.chosen.filter((set) => set.id !== id && set.dataset !== added?.dataset);
    this.#chosenIds = [...others.map((set) => set.id), id];
  }
}
