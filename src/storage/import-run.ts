/**
 * A run file into the store, line by line and in transactions of bounded size. What a file says of
 * itself is not believed: figures come from the records, images are stored by the hash of their pixels.
 * A run that is here already gets the records that it lacks.
 */

import { shardWords, type Shard } from '../core/sets/shard.ts';
import { sha256Hex } from '../core/sha256.ts';
import type { RgbImage } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { askedDifference, settingsOf } from './intake-settings.ts';
import { readHeader, readLine, type LineProblem, type RunLine } from './read-run-line.ts';
import { RunIntake, type ImportStore } from './run-intake.ts';
import type { RunFileHeader } from './run-lines.ts';
import { Slices } from './slices.ts';
import { imagesOf, ownItems, type RunSettings, type StoredRun } from './stored-run.ts';
import { linesOf, type ReadOptions, type TextLine } from './text-lines.ts';

export interface ImportOptions extends ReadOptions {
  /** What a run is called whose file has no name for it: that of Explore. */
  readonly nameWithout: string;
}

export interface RunPreview {
  readonly header: RunFileHeader;
  /** The run of this id that is in the store already; `null` when there is none. */
  readonly here: StoredRun | null;
}

export interface RunImport {
  /** As it is in the store now. */
  readonly run: StoredRun;
  /** It was in the store before. */
  readonly wasHere: boolean;
  /** Records that were written, and those of the file that were there before. */
  readonly added: number;
  readonly known: number;
  /** Records that the file's header promises; `null` when it says nothing. */
  readonly promised: number | null;
  /** Broken or refused lines, the first hundred. */
  readonly problems: readonly LineProblem[];
  readonly problemCount: number;
  /** Images of items that neither the file nor the store has. */
  readonly missingImages: number;
  /** The same for images that stand in as wrong ones: a run goes on only with them. */
  readonly missingWrongImages: number;
}

const MOST_PROBLEMS = 100;

/**
 * What a file is, from its first line: to ask before it is imported.
 *
 * @throws NamedError `RunFileInvalid` when it is no run file, or of a newer version; `Cancelled`
 */
export async function previewRun(
  store: Pick<ImportStore, 'run'>,
  file: Blob,
  options: ReadOptions = {},
): Promise<RunPreview> {
  for await (const line of linesOf(file, options)) {
    const header = headerOf(line);
    return { header, here: (await store.run(header.runId)) ?? null };
  }
  throw new NamedError('RunFileInvalid', 'The run file is empty.');
}

/**
 * Broken lines are named and the good ones kept. What was written stays when the import is stopped or
 * fails: importing the file again adds the rest.
 *
 * @throws NamedError `RunFileInvalid` before anything is written, `Cancelled`, `StorageFull` or
 *   `StorageFailed`
 */
export async function importRun(
  store: ImportStore,
  file: Blob,
  options: ImportOptions,
): Promise<RunImport> {
  requireHashes();
  const slices = new Slices('The import', options.signal);
  const lines = linesOf(file, options);
  let reading: Reading | null = null;
  for await (const line of lines) {
    slices.check();
    if (reading) await reading.take(line, slices);
    else reading = await Reading.begin(store, headerOf(line), options);
    if (slices.isOver) await slices.next();
  }
  if (!reading) throw new NamedError('RunFileInvalid', 'The run file is empty.');
  return reading.end();
}

function headerOf({ text }: TextLine): RunFileHeader {
  return readHeader(text ?? '');
}

class Reading {
  private added = 0;
  private known = 0;
  private readonly problems: LineProblem[] = [];
  private problemCount = 0;
  /** There were lines that could not be read. */
  private hasBroken = false;

  private constructor(
    private readonly store: ImportStore,
    private readonly header: RunFileHeader,
    private readonly wasHere: boolean,
    private readonly nameWithout: string,
    /** `null` until there is a record to say what the run asks. */
    private intake: RunIntake | null,
  ) {}

  static async begin(
    store: ImportStore,
    header: RunFileHeader,
    { nameWithout }: ImportOptions,
  ): Promise<Reading> {
    const here = await store.run(header.runId);
    const { set } = header;
    const difference = here && set ? askedDifference(here.settings, set.settings) : null;
    if (here && difference !== null) {
      throw new NamedError(
        'RunFileInvalid',
        `The run ${here.name} is here under the same id, with another ${difference}. Delete it first, or keep it.`,
      );
    }
    if (here && set && wordsOf(here.shard) !== wordsOf(set.shard)) {
      throw new NamedError(
        'RunFileInvalid',
        `The run ${here.name} is here under the same id as ${wordsOf(here.shard)}, and the file is ${wordsOf(set.shard)}. Files of several shards become one by npm run merge.`,
      );
    }
    const run = here ?? (set ? newRun(header, set.name, set.settings, set.shard) : null);
    const intake = run && (await RunIntake.of(store, run, here !== undefined));
    return new Reading(store, header, here !== undefined, nameWithout, intake);
  }

  async take({ line, text }: TextLine, slices: Slices): Promise<void> {
    const read = text === null ? 'This line is too long.' : readLine(text, this.header.runId);
    if (typeof read === 'string') this.hasBroken = true;
    if (slices.isOver) await slices.next();
    const problem = typeof read === 'string' ? read : await this.keep(read);
    if (problem !== null) {
      this.problemCount += 1;
      if (this.problems.length < MOST_PROBLEMS) this.problems.push({ line, message: problem });
    }
    if (!this.intake?.isFull) return;
    if (slices.isOver) await slices.next();
    await this.intake.flush();
  }

  async end(): Promise<RunImport> {
    const { intake, wasHere, problems, problemCount, added, known } = this;
    this.requirePlan();
    const isEmpty = !wasHere && (intake?.items.length ?? 0) === 0;
    if (!intake || isEmpty) {
      const [first] = problems;
      const why = first ? ` Line ${first.line}: ${first.message}` : '';
      throw new NamedError('RunFileInvalid', `The file has no item that can be read.${why}`);
    }
    const run = await intake.flush();
    const promised = this.header.set?.done ?? null;
    const own = ownItems(intake.items, run.shard);
    const missingImages = await this.store.missingImages(own.map(({ image }) => image.sha256));
    const missing = await this.store.missingImages(own.flatMap(imagesOf));
    return {
      ...{ run, wasHere, added, known, promised, problems, problemCount, missingImages },
      missingWrongImages: missing - missingImages,
    };
  }

  /** What is wrong with a line that can be read; `null` when it is kept as a whole. */
  private async keep(line: RunLine): Promise<string | null> {
    if (line.type === 'plan') return this.intake ? this.intake.plan(line.item) : NO_PLAN;
    this.requirePlan();
    if (line.type === 'pixels') return this.keepImage(line.sha256, line.image);
    const { record, image } = line;
    this.intake ??= await RunIntake.of(
      this.store,
      newRun(this.header, this.nameWithout, settingsOf(record)),
      false,
    );
    const taken = await this.intake.record(record);
    if (typeof taken === 'object') return taken.refused;
    if (taken === 'added') this.added += 1;
    else this.known += 1;
    return image && this.keepImage(record.image.sha256, image);
  }

  /** A shard knows its items by their places, which a plan with holes does not tell. */
  private requirePlan(): void {
    const { set } = this.header;
    const planned = this.intake?.items.length ?? 0;
    if (!set?.shard || planned >= set.items) return;
    const [first] = this.problems;
    throw new NamedError(
      'RunFileInvalid',
      `The file is ${shardWords(set.shard)} of a run, and only ${planned} of the ${set.items} items of its plan can be read.${first ? ` Line ${first.line}: ${first.message}` : ''}`,
    );
  }

  private async keepImage(sha256: string, image: RgbImage): Promise<string | null> {
    const hash = await sha256Hex(image.data);
    if (hash === sha256) {
      const isKept = this.intake?.image(sha256, image, this.hasBroken);
      return isKept === true ? null : NO_ITEM;
    }
    return `The pixels have the SHA-256 ${hash.slice(0, 12)}…, not ${sha256.slice(0, 12)}… as the line says: the image was not kept.`;
  }
}

const wordsOf = (shard: Shard | undefined): string => (shard ? shardWords(shard) : 'a whole run');

const NO_PLAN = 'The file’s header does not say what the run asks, so it has no plan.';
const NO_ITEM = 'No item of the run shows this image: it was not kept.';

function newRun(
  { runId, createdAt }: RunFileHeader,
  name: string,
  settings: RunSettings,
  shard?: Shard,
): StoredRun {
  return {
    id: runId,
    name,
    createdAt,
    origin: 'imported',
    settings,
    ...(shard && { shard }),
    datasets: [],
    items: 0,
    done: 0,
    elapsedMs: 0,
    answerers: {},
  };
}

/** Browsers hash only where the page came over a safe connection. */
function requireHashes(): void {
  if ('subtle' in crypto) return;
  throw new NamedError(
    'RunFileInvalid',
    'Images can be checked only on a page that came over https or from this computer. Open the page that way, and import the file again.',
  );
}
