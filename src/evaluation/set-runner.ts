/**
 * Runs a stored run to its end: checkpoint after checkpoint, as many items at a time as a backend takes,
 * each record written when it is whole. Whatever ends it (pause, closed tab, dead worker, crash), the next call goes on with the
 * first items that are not there, and gives the same records: nothing of an item depends on what was
 * asked before it.
 */

import type { AnswerBackend } from '../backend/answer-backend.ts';
import { itemFigures } from '../core/sets/item-figures.ts';
import { ownCount, ownPlaces } from '../core/sets/shard.ts';
import type { Answerer } from '../core/types.ts';
import type { DecodedImage } from '../protocol/data.ts';
import { asNamedError, NamedError } from '../protocol/errors.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { RunSettings, StoredEntry, StoredItem, StoredRun } from '../storage/stored-run.ts';
import { answerItem } from './answer-item.ts';
import { inLanes } from './lanes.ts';
import { answererWords, samplesOfItem } from './asked-run.ts';
import type { RunItem } from './live-record.ts';
import type { WrongImageChoice } from './wrong-images.ts';

export type RunnerStore = Pick<RunStore, 'run' | 'items' | 'finished' | 'put' | 'image'>;

export interface RunnerPorts {
  readonly store: RunnerStore;
  /** `undefined` for a checkpoint that is not in the table. */
  readonly backend: (checkpointId: string) => AnswerBackend | undefined;
  /** Loads a checkpoint that is not loaded. */
  readonly load: (
    checkpointId: string,
    preference: DevicePreference,
    signal: AbortSignal,
  ) => Promise<Answerer>;
  /** Runs `work` unless another tab holds the name; `false` when it does. */
  readonly exclusively: (name: string, work: () => Promise<void>) => Promise<boolean>;
}

export type RunProgress =
  | { readonly phase: 'loading'; readonly checkpointId: string }
  | {
      readonly phase: 'answering';
      readonly checkpointId: string;
      /** Records of the run that are finished, of items · checkpoints. */
      readonly done: number;
      /** Items in work. */
      readonly items: number;
      /** Samples of the items in work, nulls included: those that came, and all of them. */
      readonly samples: number;
      readonly samplesOfItem: number;
    };

export interface RunnerCalls {
  readonly preference: DevicePreference;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RunProgress) => void;
  /** After each record. */
  readonly onRecord: (run: StoredRun, entry: StoredEntry) => void;
}

/** A worker that dies or a device that is lost is given one more try with each item. */
const WORTH_A_RELOAD: ReadonlySet<string> = new Set(['WorkerDied', 'DeviceLost', 'NotLoaded']);

/** @throws NamedError `Cancelled` when it was stopped, else what ended it; what is finished stays */
export async function runSet(runId: string, ports: RunnerPorts, calls: RunnerCalls): Promise<void> {
  const { store, backend } = ports;
  const isAlone = await ports.exclusively(`supportlens run ${runId}`, async () => {
    const run = await store.run(runId);
    if (!run) throw new NamedError('StorageFailed', 'The run is not there any more.');
    const items = await store.items(runId);
    for (const checkpointId of run.settings.checkpointIds) {
      const finished = await store.finished(runId, checkpointId);
      if (finished.size === ownCount(items.length, run.shard)) continue;
      const own = backend(checkpointId);
      if (!own) {
        throw new NamedError(
          'CheckpointMissing',
          `The run asks ${checkpointId}, which is not among the checkpoints of this page.`,
        );
      }
      const missing = [...ownPlaces(items.length, run.shard)].flatMap((place) => {
        const item = items[place];
        return item && !finished.has(place) ? [[place, item] as const] : [];
      });
      await new CheckpointPart(run, own, ports, calls).answerAll(missing);
    }
  });
  if (!isAlone) {
    throw new NamedError('Cancelled', 'Another tab of this browser is working on this run.');
  }
}

/** Samples of an item that is in work. */
interface Tally {
  samples: number;
  readonly total: number;
}

class CheckpointPart {
  private readonly settings: RunSettings;
  /** Ends the other items when one has failed. */
  private readonly failed = new AbortController();
  private readonly signal: AbortSignal;
  /** By place. */
  private readonly inWork = new Map<number, Tally>();
  private loading: Promise<Answerer> | null = null;

  constructor(
    private run: StoredRun,
    private readonly backend: AnswerBackend,
    private readonly ports: RunnerPorts,
    private readonly calls: RunnerCalls,
  ) {
    this.settings = run.settings;
    this.signal = AbortSignal.any([calls.signal, this.failed.signal]);
  }

  async answerAll(items: readonly (readonly [place: number, item: StoredItem])[]): Promise<void> {
    await inLanes(
      items,
      () => this.backend.itemsAtOnce,
      ([place, item]) => this.answer(place, item),
      () => {
        this.failed.abort();
      },
    );
  }

  private async answer(place: number, item: StoredItem): Promise<void> {
    const asked = await this.runItem(item);
    const wrongImages = await this.wrongImages(item);
    const { record, answerer } = await this.attempt(place, asked, wrongImages)
      .catch(async (thrown: unknown) => {
        const { name } = asNamedError(thrown);
        if (!WORTH_A_RELOAD.has(name) || this.signal.aborted) throw thrown;
        return this.attempt(place, asked, wrongImages);
      })
      .finally(() => this.inWork.delete(place));
    const at = { runId: this.run.id, checkpointId: this.backend.checkpoint.id, place };
    const figures = itemFigures(record);
    const run = await this.ports.store.put(at, record, figures, answerer);
    // Of two that were written together the later one knows of both.
    if (run.done >= this.run.done) this.run = run;
    this.calls.onRecord(this.run, { ...at, figures });
  }

  private async attempt(place: number, item: RunItem, wrongImages: WrongImageChoice) {
    const answerer = this.backend.answerer ?? (await this.load());
    this.requireSame(answerer);
    const total = samplesOfItem(this.settings, wrongImages.images?.length ?? 0);
    const tally: Tally = { samples: 0, total };
    this.inWork.set(place, tally);
    const report = (count: number): void => {
      tally.samples += count;
      this.report();
    };
    report(0);
    const job = { item, runId: this.run.id, wrongImages };
    const calls = { signal: this.signal, onSamples: report };
    const { record } = await answerItem(this.backend, answerer, job, calls);
    return { record, answerer };
  }

  private report(): void {
    const tallies = [...this.inWork.values()];
    this.calls.onProgress({
      phase: 'answering',
      checkpointId: this.backend.checkpoint.id,
      done: this.run.done,
      items: tallies.length,
      samples: tallies.reduce((sum, { samples }) => sum + samples, 0),
      samplesOfItem: tallies.reduce((sum, { total }) => sum + total, 0),
    });
  }

  /** One load, whoever of the items in work needs it. */
  private load(): Promise<Answerer> {
    const { preference, onProgress } = this.calls;
    const checkpointId = this.backend.checkpoint.id;
    if (this.loading === null) {
      onProgress({ phase: 'loading', checkpointId });
      this.loading = this.ports.load(checkpointId, preference, this.signal).finally(() => {
        this.loading = null;
      });
    }
    return this.loading;
  }

  /** Half a run on other weights or another device would be no run of one checkpoint. */
  private requireSame(answerer: Answerer): void {
    const before = this.run.answerers[answerer.checkpointId];
    if (!before || JSON.stringify(before) === JSON.stringify(answerer)) return;
    throw new NamedError(
      'CheckpointInvalid',
      `The run began with ${answererWords(before)}; loaded is ${answererWords(answerer)}. Its records would not be comparable: start a new run, or go on where it began.`,
    );
  }

  private async runItem({ image, question }: StoredItem): Promise<RunItem> {
    const { promptMode, hint, sampler, nulls } = this.settings;
    const { image: pixels } = await this.open(image);
    return { image: pixels, source: image, question, promptMode, hint, sampler, nulls };
  }

  private async wrongImages({ wrongImages }: StoredItem): Promise<WrongImageChoice> {
    if (wrongImages === null) return { images: null, reason: 'The run draws no nulls.' };
    if (wrongImages.images === null) return wrongImages;
    const images = await Promise.all(wrongImages.images.map((source) => this.open(source)));
    return { ...wrongImages, images };
  }

  private async open(source: StoredItem['image']): Promise<DecodedImage> {
    const image = await this.ports.store.image(source.sha256);
    if (image) return { image, source };
    throw new NamedError(
      'StorageFailed',
      `The image ${source.name} of the run is not in the browser’s storage any more.`,
    );
  }
}
