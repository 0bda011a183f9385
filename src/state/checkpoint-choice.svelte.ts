/**
 * The checkpoints of the page: which are chosen, which are loaded, and how much may be in memory.
 * Chosen ones keep the order of the table, so that rivers, bars and rows always stand alike.
 */

import type { AnswerBackend, CheckpointRow } from '../backend/answer-backend.ts';
import type { Answerer } from '../core/types.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { CheckpointKind } from '../protocol/architectures.ts';
import { kindOf } from '../protocol/manifest.ts';
import type { ServerCapabilities } from '../protocol/server.ts';
import type { DevicePreference, DeviceReport, LoadProgress } from '../protocol/vlm.ts';
import { hostsOf } from './served-hosts.ts';

export const MAX_CHOSEN = 4;
/** Workers with a model in them; loading another one lets the least recently used go. */
export const MAX_LOADED = 4;

/** Who asks the workers: each answers one job at a time. */
export type WorkHolder = 'explore' | 'evaluate' | 'probe';

const WORK_WORDS: Readonly<Record<WorkHolder, string>> = {
  explore: 'Explore is asking a checkpoint: wait for it, or stop it there.',
  evaluate: 'A run over sets is going on: wait for its end, or pause it under Evaluate.',
  probe: 'Images are being encoded under Probe: wait for it, or stop it there.',
};

/** One checkpoint with its backend, as the page sees it. */
export class CheckpointSlot {
  #sizeBytes = $state<number | null>(null);
  #progress = $state.raw<LoadProgress | null>(null);
  #answerer = $state.raw<Answerer | null>(null);
  #device = $state.raw<DeviceReport | null>(null);
  #capabilities = $state.raw<ServerCapabilities | null>(null);
  #error = $state.raw<NamedError | null>(null);
  /** Position in the order of use; larger is later. */
  lastUse = 0;

  constructor(readonly backend: AnswerBackend) {}

  get row(): CheckpointRow {
    return this.backend.checkpoint;
  }
  get id(): string {
    return this.backend.checkpoint.id;
  }
  /** Hosts that its images go to; empty for one that runs in this browser. */
  get hosts(): readonly string[] {
    return this.row.servedBy ?? [];
  }
  get kind(): CheckpointKind {
    return kindOf(this.row.dtype);
  }
  /** Bytes of its files; `null` until `measure` has looked. */
  get sizeBytes(): number | null {
    return this.#sizeBytes;
  }
  /** `null` when it is not being loaded. */
  get progress(): LoadProgress | null {
    return this.#progress;
  }
  /** `null` while it is not loaded. */
  get answerer(): Answerer | null {
    return this.#answerer;
  }
  get device(): DeviceReport | null {
    return this.#device;
  }
  /** What its server was found to do; `null` before a load and for one that runs in this browser. */
  get capabilities(): ServerCapabilities | null {
    return this.#capabilities;
  }
  /** Why its last load or run failed; `null` after one that did not. */
  get error(): NamedError | null {
    return this.#error;
  }

  /** Looks up how large the download would be. Without an answer the size stays unknown. */
  async measure(): Promise<void> {
    this.#sizeBytes = await this.backend.sizeBytes().catch(() => null);
  }

  async load(preference: DevicePreference, signal: AbortSignal): Promise<Answerer> {
    this.#error = null;
    this.#progress = { loadedBytes: 0, totalBytes: null, elapsedMs: 0 };
    // What a worker still had to tell when its load failed comes after the failure.
    let isOver = false;
    try {
      return await this.backend.load(preference, {
        signal,
        onEvent: (progress) => {
          if (!isOver) this.#progress = progress;
        },
      });
    } finally {
      isOver = true;
      this.#progress = null;
      this.sync();
    }
  }

  /** Keeps the reason of a failure at the checkpoint's own row; a stop is none. */
  fail(thrown: unknown): NamedError {
    const error = asNamedError(thrown);
    this.#error = error.name === 'Cancelled' ? null : error;
    this.sync();
    return error;
  }

  forget(): void {
    this.#error = null;
  }

  unload(): void {
    this.backend.unload();
    this.sync();
  }

  /** Takes over what the backend has; a dead worker has nothing. */
  sync(): void {
    this.#answerer = this.backend.answerer;
    this.#device = this.backend.device;
    this.#capabilities = this.backend.capabilities ?? null;
  }
}

/** Whether it takes this machine's memory. */
const isHere = ({ hosts }: CheckpointSlot): boolean => hosts.length === 0;

export class CheckpointChoice {
  #all = $state.raw<readonly CheckpointSlot[]>([]);
  #chosenIds = $state.raw<readonly string[]>([]);
  #refusal = $state('');
  #holder = $state<WorkHolder | null>(null);
  #uses = 0;

  /** Those that answer, in the order of the table; those that a person added come after it. */
  readonly slots = $derived.by<readonly CheckpointSlot[]>(() =>
    this.#all.filter(({ kind }) => kind === 'vlm'),
  );

  /** Those that only see, in the same order. */
  readonly towers = $derived.by<readonly CheckpointSlot[]>(() =>
    this.#all.filter(({ kind }) => kind === 'vision'),
  );

  readonly chosen = $derived.by<readonly CheckpointSlot[]>(() =>
    this.slots.filter(({ id }) => this.#chosenIds.includes(id)),
  );

  constructor(
    backends: readonly AnswerBackend[],
    private readonly defaultIds: readonly string[],
  ) {
    if (backends.length === 0) throw new Error('The table of checkpoints is empty.');
    this.#all = backends.map((backend) => new CheckpointSlot(backend));
    this.choose(defaultIds);
  }

  /** Hosts that a run of the chosen ones sends images to; empty where all run in this browser. */
  readonly chosenHosts = $derived.by<readonly string[]>(() => hostsOf(this.chosen));

  /** What is known before it is loaded of each that answers. */
  get rows(): readonly CheckpointRow[] {
    return this.slots.map(({ row }) => row);
  }
  /** Names that are taken. */
  get ids(): readonly string[] {
    return this.#all.map(({ id }) => id);
  }

  /** Ids in table order. */
  get chosenIds(): readonly string[] {
    return this.chosen.map(({ id }) => id);
  }
  /** Why the last toggle changed nothing; empty when it did. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Who works with the checkpoints now; `null` for nobody. */
  get holder(): WorkHolder | null {
    return this.#holder;
  }

  /** Why `asker` has to wait, a sentence; `null` where nobody else works with them. */
  waitFor(asker: WorkHolder): string | null {
    return this.#holder === null || this.#holder === asker ? null : WORK_WORDS[this.#holder];
  }

  /** `false` when somebody works with them already. */
  take(holder: WorkHolder): boolean {
    if (this.#holder !== null) return false;
    this.#holder = holder;
    return true;
  }

  /** The work has ended; what is still loaded is looked up. */
  release(): void {
    this.#holder = null;
    this.sync();
  }

  /** The rows of which it is known what they were trained from, or what was trained from them. */
  get lineage(): readonly CheckpointRow[] {
    const { rows } = this;
    return rows.filter(
      ({ id, parent, cardUrl }) =>
        cardUrl === undefined || parent !== null || rows.some((row) => row.parent === id),
    );
  }

  /** Puts one more at the end, or in the place of the one with its id, which is unloaded. */
  add(backend: AnswerBackend): CheckpointSlot {
    const added = new CheckpointSlot(backend);
    const old = this.find(added.id);
    old?.unload();
    this.#all = old
      ? this.#all.map((slot) => (slot === old ? added : slot))
      : [...this.#all, added];
    void added.measure();
    return added;
  }

  /** Takes one away. Where it was the last one chosen, the default is. */
  remove(id: string): void {
    this.find(id)?.unload();
    this.#all = this.#all.filter((slot) => slot.id !== id);
    this.choose(this.#chosenIds.filter((one) => one !== id));
  }

  find(id: string): CheckpointSlot | undefined {
    return this.#all.find((slot) => slot.id === id);
  }

  isChosen(id: string): boolean {
    return this.#chosenIds.includes(id);
  }

  /**
   * Chooses these, at most four, in table order. Ids that are not in the table are given back; when
   * nothing is left the default is chosen.
   */
  choose(ids: readonly string[]): readonly string[] {
    const wanted = ids.length === 0 ? this.defaultIds : ids;
    const known = this.slots.filter(({ id }) => wanted.includes(id));
    const [first] = this.slots;
    const fallback = this.slots.filter(({ id }) => this.defaultIds.includes(id));
    const chosen = known.length > 0 ? known : fallback.length > 0 ? fallback : first ? [first] : [];
    this.#chosenIds = chosen.slice(0, MAX_CHOSEN).map(({ id }) => id);
    this.#refusal =
      chosen.length > MAX_CHOSEN
        ? `At most ${String(MAX_CHOSEN)} checkpoints stand side by side: the first ${String(MAX_CHOSEN)} were taken.`
        : '';
    return ids.filter((id) => !this.slots.some((slot) => slot.id === id));
  }

  toggle(id: string): void {
    const has = this.isChosen(id);
    if (has && this.#chosenIds.length === 1) {
      this.#refusal = 'One checkpoint has to stay chosen: add another one first.';
    } else if (!has && this.#chosenIds.length >= MAX_CHOSEN) {
      this.#refusal = `At most ${String(MAX_CHOSEN)} checkpoints stand side by side: take one away first.`;
    } else if (this.slots.some((slot) => slot.id === id)) {
      this.#refusal = '';
      this.#chosenIds = has
        ? this.#chosenIds.filter((one) => one !== id)
        : [...this.#chosenIds, id];
    }
  }

  async measure(): Promise<void> {
    await Promise.all(this.#all.map((slot) => slot.measure()));
  }

  /** Marks checkpoints as needed now, so that none of them makes room for another one. */
  touch(slots: readonly CheckpointSlot[]): void {
    for (const slot of slots) {
      this.#uses += 1;
      slot.lastUse = this.#uses;
    }
  }

  /** Loads into a free place; the least recently used checkpoint makes room for it. */
  async load(
    slot: CheckpointSlot,
    preference: DevicePreference,
    signal: AbortSignal,
  ): Promise<Answerer> {
    this.touch([slot]);
    const others = this.#all
      .filter((other) => other !== slot && isHere(other) && other.backend.answerer !== null)
      .sort((a, b) => a.lastUse - b.lastUse);
    const places = MAX_LOADED - (isHere(slot) ? 1 : 0);
    for (const idle of others.slice(0, Math.max(0, others.length - places))) idle.unload();
    return slot.load(preference, signal);
  }

  sync(): void {
    for (const slot of this.#all) slot.sync();
  }
}
