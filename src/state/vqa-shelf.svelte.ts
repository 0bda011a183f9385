/**
 * The medical VQA set that was opened: its file, the folder of its images and the grading rule. A file
 * that cannot be read changes nothing but the error.
 */

import {
  parseSynonyms,
  readVqaFile,
  type VqaFile,
  type VqaGrading,
  type VqaProblem,
} from '../data/vqa-jsonl.ts';
import { vqaSets, type PathedFile } from '../evaluation/vqa-set.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ImageLibrary } from '../storage/image-library.ts';
import type { LabelledCollection } from './image-gallery.svelte.ts';

/** Above it a file is refused: its text is held whole. */
const LARGEST_FILE_BYTES = 256 * 2 ** 20;

export type GradingChoice = 'normalized' | 'synonyms' | 'pattern';

export class VqaShelf {
  #fileName = $state<string | null>(null);
  #text = $state.raw('');
  #files = $state.raw<readonly PathedFile[]>([]);
  #grading = $state<GradingChoice>('normalized');
  #synonyms = $state('');
  #pattern = $state('');
  #error = $state.raw<NamedError | null>(null);

  /** What the rule is; of a pattern or synonyms that are not typed yet, the normalised match. */
  readonly rule = $derived.by<VqaGrading>(() => {
    if (this.#grading === 'pattern' && this.#pattern !== '') {
      return { by: 'pattern', source: this.#pattern };
    }
    const groups = this.#grading === 'synonyms' ? parseSynonyms(this.#synonyms) : [];
    return groups.length > 0 ? { by: 'synonyms', groups } : { by: 'normalized' };
  });

  readonly #read = $derived.by<VqaFile>(() =>
    readVqaFile(this.#text, (this.#fileName ?? '').replace(/\.jsonl$/iu, ''), this.rule),
  );
  readonly #found = $derived(
    vqaSets(this.#read.items, this.#files, (file) => this.library.decodeImage(file)),
  );

  readonly collections = $derived.by<readonly LabelledCollection[]>(() =>
    this.#found.sets.map((set) => ({
      ...set,
      id: `vqa/${set.dataset}`,
      name: set.dataset,
      modality: 'Medical VQA',
    })),
  );

  /** Lines that cannot be asked and images that are not there, by line. */
  readonly problems = $derived.by<readonly VqaProblem[]>(() =>
    [...this.#read.problems, ...this.#found.problems].sort((a, b) => a.line - b.line),
  );

  constructor(private readonly library: ImageLibrary) {}

  /** Name of the open file; `null` for none. */
  get fileName(): string | null {
    return this.#fileName;
  }
  /** Images of the folder. */
  get imageCount(): number {
    return this.#files.length;
  }
  get grading(): GradingChoice {
    return this.#grading;
  }
  get synonyms(): string {
    return this.#synonyms;
  }
  get pattern(): string {
    return this.#pattern;
  }
  get error(): NamedError | null {
    return this.#error;
  }

  setGrading(choice: GradingChoice): void {
    this.#grading = choice;
  }
  setSynonyms(text: string): void {
    this.#synonyms = text;
  }
  setPattern(source: string): void {
    this.#pattern = source;
  }

  /** Takes a `.jsonl`, images, or both; what is open of the other kind stays. */
  async open(chosen: readonly PathedFile[]): Promise<void> {
    this.#error = null;
    try {
      const sets = chosen.filter(({ path }) => /\.jsonl$/iu.test(path));
      const images = chosen.filter(({ path }) => /\.(?:png|jpe?g|webp|bmp|gif)$/iu.test(path));
      const [set, other] = sets;
      if (other) {
        throw new NamedError('RunFileInvalid', 'Choose one .jsonl file: these are several.');
      }
      if (!set && images.length === 0) {
        throw new NamedError('RunFileInvalid', 'There is no .jsonl file and no image among these.');
      }
      if (set) {
        if (set.file.size > LARGEST_FILE_BYTES) {
          throw new NamedError('RunFileInvalid', `${set.path} is larger than 256 MiB: split it.`);
        }
        this.#text = await set.file.text();
        this.#fileName = set.file.name;
      }
      if (images.length > 0) this.#files = images;
    } catch (thrown) {
      this.#error = asNamedError(thrown);
    }
  }

  close(): void {
    this.#fileName = null;
    this.#text = '';
    this.#files = [];
    this.#error = null;
  }
}
