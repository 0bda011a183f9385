/**
 * The medical VQA file that is open: its items, the images that were opened with it and the rule by which
 * free-form answers are graded. A file that cannot be read changes nothing but the error.
 */

import {
  gradedQuestion,
  gradingProblem,
  isGradedByRule,
  parseSynonyms,
  widenedCount,
  type VqaGrading,
} from '../data/vqa-grading.ts';
import type { VqaFile, VqaProblem } from '../data/vqa-jsonl.ts';
import {
  imagePathsOf,
  joinedImages,
  READABLE_IMAGE,
  type PathedFile,
} from '../evaluation/vqa-images.ts';
import { vqaSets } from '../evaluation/vqa-set.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { ImageLibrary } from '../storage/image-library.ts';
import { Slices } from '../storage/slices.ts';
import { linesOf } from '../storage/text-lines.ts';
import type { LabelledCollection } from './image-gallery.svelte.ts';

/** Above it a file is refused: its items are held. */
const LARGEST_FILE_BYTES = 256 * 2 ** 20;
const EMPTY: VqaFile = { items: [], problems: [] };

export type GradingChoice = VqaGrading['by'];

/** Whether a file is a VQA set or an image of one, by its name. */
export function isVqaPath(path: string): boolean {
  return isSetPath(path) || READABLE_IMAGE.test(path);
}

export class VqaShelf {
  #fileName = $state<string | null>(null);
  #file = $state.raw<VqaFile>(EMPTY);
  #images = $state.raw<readonly PathedFile[]>([]);
  #grading = $state<GradingChoice>('normalized');
  #synonyms = $state('');
  #pattern = $state('');
  #reading = $state<string | null>(null);
  #error = $state.raw<NamedError | null>(null);
  /** What is being opened: one after the other, so that a folder finds the file before it. */
  #work: Promise<void> = Promise.resolve();
  /** Counts up when it is closed: what is still being read then is dropped. */
  #closings = 0;

  readonly rule = $derived.by<VqaGrading>(() => {
    if (this.#grading === 'pattern') return { by: 'pattern', source: this.#pattern };
    if (this.#grading === 'synonyms') {
      return { by: 'synonyms', groups: parseSynonyms(this.#synonyms) };
    }
    return { by: 'normalized' };
  });

  readonly #questions = $derived(this.#file.items.map(({ question }) => question));
  /** Items that the rule grades: without options, and with an answer. */
  readonly freeFormCount = $derived(this.#questions.filter(isGradedByRule).length);
  /** Of these, how many have more right answers by the rule than by the normalised match. */
  readonly widenedCount = $derived(widenedCount(this.rule, this.#questions));
  /** What is wrong with the rule, a sentence; `null` when it can be used. */
  readonly ruleProblem = $derived(gradingProblem(this.rule, this.#questions));

  readonly #found = $derived(
    vqaSets(this.#file.items, this.#images, (file) => this.library.decodeImage(file)),
  );

  readonly collections = $derived.by<readonly LabelledCollection[]>(() => {
    const { rule } = this;
    return this.#found.sets.map((set) => ({
      ...set,
      questionOf: (id: string) => gradedQuestion(set.questionOf(id), rule),
      id: `vqa/${this.#fileName ?? ''}/${set.dataset}`,
      name: set.dataset,
      modality: 'Medical VQA',
    }));
  });

  /** Images of the file, each once, when none at all is open; else empty: `problems` has the missing ones. */
  readonly missingImages = $derived.by<readonly string[]>(() =>
    this.#images.length > 0 ? [] : imagePathsOf(this.#file.items),
  );

  /** Lines that cannot be asked, by line. */
  readonly problems = $derived.by<readonly VqaProblem[]>(() => {
    const images = this.#images.length > 0 ? this.#found.problems : [];
    return [...this.#file.problems, ...images].sort((a, b) => a.line - b.line);
  });

  constructor(private readonly library: Pick<ImageLibrary, 'decodeImage'>) {}

  /** Name of the open file; `null` for none. */
  get fileName(): string | null {
    return this.#fileName;
  }
  /** Lines that can be asked once their images are there. */
  get itemCount(): number {
    return this.#file.items.length;
  }
  /** Images that are open, asked about or not. */
  get imageCount(): number {
    return this.#images.length;
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
  /** Name of the file that is being read; `null` for none. */
  get reading(): string | null {
    return this.#reading;
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

  /**
   * Takes a `.jsonl`, images, or both; what is open of the other kind stays. A folder takes the place of
   * the images before it, single images join them.
   */
  open(chosen: readonly PathedFile[]): Promise<void> {
    const closings = this.#closings;
    this.#work = this.#work.then(() => this.#open(chosen, () => closings === this.#closings));
    return this.#work;
  }

  close(): void {
    this.#closings += 1;
    this.#fileName = null;
    this.#file = EMPTY;
    this.#images = [];
    this.#error = null;
  }

  async #open(chosen: readonly PathedFile[], isWanted: () => boolean): Promise<void> {
    if (!isWanted()) return;
    this.#error = null;
    try {
      const images = chosen.filter(({ path }) => READABLE_IMAGE.test(path));
      if (images.length > 0) this.#images = joinedImages(this.#images, images);
      const set = this.#setAmong(chosen.filter(({ path }) => isSetPath(path)));
      if (!set) return;
      this.#reading = set.name;
      const read = await readSet(set);
      if (!isWanted()) return;
      this.#fileName = set.name;
      this.#file = read;
    } catch (thrown) {
      if (isWanted()) this.#error = asNamedError(thrown);
    } finally {
      this.#reading = null;
    }
  }

  /**
   * Of several the one that is open already: a folder of images often holds them all.
   *
   * @throws NamedError where it is none of several
   */
  #setAmong(sets: readonly PathedFile[]): File | null {
    const [first, ...others] = sets.map(({ file }) => file);
    if (!first || others.length === 0) return first ?? null;
    const known = [first, ...others].find(({ name }) => name === this.#fileName);
    if (known) return known;
    const names = [first, ...others].map(({ name }) => name).join(', ');
    throw new NamedError(
      'RunFileInvalid',
      `There are several .jsonl files among these: ${names}. Open the one to be asked by itself; images that came along stay open.`,
    );
  }
}

async function readSet(file: File): Promise<VqaFile> {
  const { name, size } = file;
  if (size > LARGEST_FILE_BYTES) {
    throw new NamedError('RunFileInvalid', `${name} is larger than 256 MiB: split it.`);
  }
  const { VqaReader } = await import('../data/vqa-jsonl.ts');
  const reader = new VqaReader(name.replace(/\.jsonl$/iu, ''));
  const slices = new Slices('Reading');
  for await (const { line, text } of linesOf(file)) {
    reader.add(line, text);
    if (slices.isOver) await slices.next();
  }
  const read = reader.file();
  if (read.items.length === 0) throw nothingToAsk(name, read.problems);
  return read;
}

function isSetPath(path: string): boolean {
  return /\.jsonl$/iu.test(path);
}

function nothingToAsk(name: string, [first]: readonly VqaProblem[]): NamedError {
  const why = first ? `Line ${String(first.line)}: ${first.message}` : 'It is empty.';
  return new NamedError('RunFileInvalid', `${name} has no line that can be asked. ${why}`);
}
