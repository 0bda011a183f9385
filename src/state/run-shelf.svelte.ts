/** The runs over sets that this browser keeps: listed, renamed, deleted. */

import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { StoredRun } from '../storage/stored-run.ts';

/** What the browser says of its storage; `null` where it does not tell. */
export interface StorageRoom {
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
  /** The browser will not clear it by itself. */
  readonly isPersistent: boolean;
}

export interface StoragePort {
  readonly estimate: () => Promise<{ readonly usage?: number; readonly quota?: number }>;
  readonly persisted: () => Promise<boolean>;
  readonly persist: () => Promise<boolean>;
}

/** What of the store the page uses. */
export type ShelfStore = Omit<
  Pick<RunStore, keyof RunStore>,
  'add' | 'packedRecord' | 'missingImages'
>;

export class RunShelf {
  #runs = $state.raw<readonly StoredRun[]>([]);
  #room = $state.raw<StorageRoom | null>(null);
  #error = $state.raw<NamedError | null>(null);
  #isOpen = $state(false);
  #store: ShelfStore | null = null;

  constructor(
    private readonly openStore: () => Promise<ShelfStore>,
    private readonly storage: StoragePort | null,
  ) {}

  /** The newest first. */
  get runs(): readonly StoredRun[] {
    return this.#runs;
  }
  /** `false` before the list was read. */
  get isOpen(): boolean {
    return this.#isOpen;
  }
  get room(): StorageRoom | null {
    return this.#room;
  }
  get error(): NamedError | null {
    return this.#error;
  }

  find(runId: string): StoredRun | undefined {
    return this.#runs.find(({ id }) => id === runId);
  }

  /** The database, opened when it is first needed and again after it was closed by another tab. */
  async store(): Promise<ShelfStore> {
    this.#store ??= await this.openStore();
    return this.#store;
  }

  /** Reads the list anew. */
  async open(): Promise<void> {
    await this.#try(async () => {
      const store = await this.store();
      this.#runs = await store.runs();
      this.#isOpen = true;
      await this.look();
    });
  }

  /** A run has begun, or has one record more. */
  update(run: StoredRun): void {
    const isKnown = this.find(run.id) !== undefined;
    this.#runs = isKnown
      ? this.#runs.map((one) => (one.id === run.id ? run : one))
      : [run, ...this.#runs];
  }

  async rename(runId: string, name: string): Promise<void> {
    const wanted = name.trim();
    if (wanted === '') return;
    await this.#try(async () => {
      await (await this.store()).rename(runId, wanted);
      this.#runs = this.#runs.map((run) => (run.id === runId ? { ...run, name: wanted } : run));
    });
  }

  async delete(runId: string): Promise<void> {
    await this.#try(async () => {
      await (await this.store()).delete(runId);
      this.#runs = this.#runs.filter(({ id }) => id !== runId);
      await this.look();
    });
  }

  /** Asks the browser not to clear what is kept; most ask nobody and say yes or no. */
  async askToKeep(): Promise<void> {
    if (this.#room?.isPersistent === true) return;
    await this.storage?.persist().catch(() => false);
    await this.look();
  }

  /** Asks the browser how much room there is; one that does not tell leaves what was known. */
  async look(): Promise<void> {
    if (!this.storage) return;
    try {
      const [{ usage, quota }, isPersistent] = await Promise.all([
        this.storage.estimate(),
        this.storage.persisted(),
      ]);
      this.#room = { usedBytes: usage ?? null, quotaBytes: quota ?? null, isPersistent };
    } catch {
      return;
    }
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.#error = null;
    try {
      await work();
    } catch (thrown) {
      this.#error = asNamedError(thrown);
      this.#store?.close();
      this.#store = null;
    }
  }
}
