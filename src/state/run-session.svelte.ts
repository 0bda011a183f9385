/**
 * Running one item on one checkpoint: load when needed, sample, stop, and keep what was finished.
 * Samples arrive one by one and are shown once a frame. The records of this session stay, so that
 * nothing is lost when another image is chosen; an import adds to them.
 */

import type { AnswerBackend } from '../backend/answer-backend.ts';
import type {
  Answerer,
  ImageSource,
  ItemRecord,
  PromptMode,
  Question,
  RgbImage,
  Sample,
  SamplerSettings,
} from '../core/types.ts';
import { buildPrompt } from '../data/prompts.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { AnswerReply, DevicePreference, DeviceReport, LoadProgress } from '../protocol/vlm.ts';

export type RunStatus = 'idle' | 'loading' | 'running' | 'done' | 'stopped' | 'error';

/** A record with the pixels it was made from. */
export interface SessionRecord {
  readonly record: ItemRecord;
  readonly image: RgbImage | null;
  /** Where it came from: sampled here, recorded and shipped with the page, or a file. */
  readonly origin: 'live' | 'recorded' | 'imported';
  readonly createdAt: string;
}

export interface RunItem {
  readonly image: RgbImage;
  readonly source: ImageSource;
  readonly question: Question;
  readonly promptMode: PromptMode;
  readonly hint: string | null;
  readonly sampler: SamplerSettings;
}

/** A MedMNIST image is its row; any other image is its pixels. */
export function itemIdOf(source: ImageSource): string {
  const { dataset, split, index, sha256 } = source;
  return dataset !== null && split !== null && index !== null
    ? `${dataset}/${split}/${index}`
    : `sha256/${sha256}`;
}

export class RunSession {
  #status = $state<RunStatus>('idle');
  #error = $state.raw<NamedError | null>(null);
  #loadProgress = $state.raw<LoadProgress | null>(null);
  #answerer = $state.raw<Answerer | null>(null);
  #device = $state.raw<DeviceReport | null>(null);
  #records = $state.raw<readonly SessionRecord[]>([]);
  #shown = $state<number>(-1);
  #sizeBytes = $state<number | null>(null);
  #abort: AbortController | null = null;

  constructor(
    readonly backend: AnswerBackend,
    private readonly requestFrame: (callback: () => void) => void,
    /** The time as ISO 8601. */
    private readonly now: () => string,
  ) {}

  get status(): RunStatus {
    return this.#status;
  }
  get isBusy(): boolean {
    return this.#status === 'loading' || this.#status === 'running';
  }
  get error(): NamedError | null {
    return this.#error;
  }
  get loadProgress(): LoadProgress | null {
    return this.#loadProgress;
  }
  /** The loaded checkpoint; `null` before a load. */
  get answerer(): Answerer | null {
    return this.#answerer;
  }
  /** Where the loaded checkpoint runs; `null` before a load. */
  get device(): DeviceReport | null {
    return this.#device;
  }
  get records(): readonly SessionRecord[] {
    return this.#records;
  }
  get shown(): SessionRecord | null {
    return this.#records[this.#shown] ?? null;
  }
  get shownIndex(): number {
    return this.#shown;
  }

  /** Bytes of the checkpoint's files; `null` until `measure` has looked. */
  get sizeBytes(): number | null {
    return this.#sizeBytes;
  }

  /** Looks up how large the download would be. Without an answer the size stays unknown. */
  async measure(): Promise<void> {
    this.#sizeBytes = await this.backend.sizeBytes().catch(() => null);
  }

  show(index: number): void {
    if (!this.isBusy && index < this.#records.length) this.#shown = index;
  }

  /** Shows nothing: the image or question is another one. Records are kept. */
  clear(): void {
    if (this.isBusy) return;
    this.#shown = -1;
    this.#status = 'idle';
    this.#error = null;
  }

  add(records: readonly SessionRecord[]): void {
    if (records.length === 0 || this.isBusy) return;
    this.#shown = this.#records.length;
    this.#records = [...this.#records, ...records];
    this.#status = 'idle';
    this.#error = null;
  }

  async load(preference: DevicePreference): Promise<void> {
    if (this.isBusy) return;
    await this.#guard(async (signal) => {
      await this.#load(preference, signal);
      this.#status = 'idle';
    });
  }

  async run(item: RunItem, preference: DevicePreference): Promise<void> {
    if (this.isBusy) return;
    await this.#guard(async (signal) => {
      const answerer = this.backend.answerer ?? (await this.#load(preference, signal));
      await this.#sample(item, answerer, signal);
    });
  }

  stop(): void {
    this.#abort?.abort();
  }

  async #load(preference: DevicePreference, signal: AbortSignal): Promise<Answerer> {
    this.#status = 'loading';
    this.#loadProgress = { loadedBytes: 0, totalBytes: null, elapsedMs: 0 };
    try {
      this.#answerer = await this.backend.load(preference, {
        signal,
        onEvent: (progress) => {
          this.#loadProgress = progress;
        },
      });
      this.#device = this.backend.device;
      return this.#answerer;
    } finally {
      this.#loadProgress = null;
    }
  }

  async #sample(item: RunItem, answerer: Answerer, signal: AbortSignal): Promise<void> {
    this.#status = 'running';
    const live = new LiveRecord(startRecord(item, answerer));
    const position = this.#records.length;
    const publish = (reply: AnswerReply | null): void => {
      const session: SessionRecord = {
        record: live.snapshot(reply?.elapsedMs ?? performance.now() - startedAt),
        image: item.image,
        origin: 'live',
        createdAt,
      };
      this.#records = [...this.#records.slice(0, position), session];
    };
    const createdAt = this.now();
    const startedAt = performance.now();
    publish(null);
    this.#shown = position;
    let framePending = false;
    let isOver = false;
    const publishSoon = (): void => {
      if (framePending) return;
      framePending = true;
      this.requestFrame(() => {
        framePending = false;
        if (!isOver) publish(null);
      });
    };
    try {
      const { image, sampler } = item;
      const { itemId, promptText } = live.base;
      const request = { image, promptText, itemId, sampler, greedy: true, firstIndex: 0 };
      const reply = await this.backend.answer(request, {
        signal,
        onEvent: (event) => {
          if (event.type === 'step') return;
          if (event.type === 'greedy') live.addGreedy(event.sample);
          else live.addSamples(event.samples);
          publishSoon();
        },
      });
      isOver = true;
      publish(reply);
      this.#status = reply.completed ? 'done' : 'stopped';
    } catch (thrown) {
      isOver = true;
      publish(null);
      throw thrown;
    }
  }

  async #guard(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#error = null;
    try {
      await work(abort.signal);
    } catch (thrown) {
      const error = asNamedError(thrown);
      this.#status = error.name === 'Cancelled' ? 'stopped' : 'error';
      this.#error = error.name === 'Cancelled' ? null : error;
    } finally {
      this.#answerer = this.backend.answerer;
      this.#device = this.backend.device;
      this.#abort = null;
    }
  }
}

/** Collects samples in any order and gives them out sorted. */
class LiveRecord {
  private greedy: Sample | null = null;
  private readonly samples: Sample[] = [];

  constructor(readonly base: ItemRecord) {}

  addGreedy(sample: Sample): void {
    this.greedy = sample;
  }

  addSamples(samples: readonly Sample[]): void {
    this.samples.push(...samples);
  }

  snapshot(elapsedMs: number): ItemRecord {
    const samples = this.samples.toSorted((a, b) => a.index - b.index);
    return { ...this.base, greedy: this.greedy, samples, elapsedMs };
  }
}

function startRecord(item: RunItem, answerer: Answerer): ItemRecord {
  const { source, question, promptMode, hint, sampler } = item;
  const prompt = buildPrompt(question, promptMode, hint);
  return {
    runId: crypto.randomUUID(),
    itemId: itemIdOf(source),
    answerer,
    image: source,
    question,
    promptMode,
    promptVersion: prompt.version,
    hint: promptMode === 'hinted' ? hint : null,
    promptText: prompt.text,
    sampler,
    greedy: null,
    samples: [],
    elapsedMs: 0,
  };
}
