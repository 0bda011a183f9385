/** The store of runs in memory, with the ports that runner and page see. */

import type { ItemRecord } from '../../src/core/types.ts';
import { NamedError } from '../../src/protocol/errors.ts';
import type { ShelfStore } from '../../src/state/run-shelf.svelte.ts';
import type { NewRun } from '../../src/storage/run-store.ts';
import type { RecordPlace, StoredEntry, StoredRun } from '../../src/storage/stored-run.ts';

export class MemoryStore implements ShelfStore {
  readonly #runs = new Map<string, StoredRun>();
  readonly #plans = new Map<string, NewRun>();
  readonly #entries = new Map<string, StoredEntry>();
  readonly #records = new Map<string, ItemRecord>();
  /** Thrown by the next call of `put`, `runs`, `rename` or `delete`, once. */
  error: Error | null = null;
  isClosed = false;

  constructor(...plans: readonly NewRun[]) {
    for (const plan of plans) this.#add(plan);
  }

  /** By run, checkpoint and place. */
  get records(): ReadonlyMap<string, ItemRecord> {
    return this.#records;
  }

  close = (): void => {
    this.isClosed = true;
  };
  runs = (): Promise<readonly StoredRun[]> =>
    this.#call(() =>
      [...this.#runs.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    );
  run = (runId: string): Promise<StoredRun | undefined> => Promise.resolve(this.#runs.get(runId));
  items = (runId: string) => Promise.resolve(this.#plans.get(runId)?.items ?? []);
  create = (plan: NewRun): Promise<void> => this.#call(() => this.#add(plan));
  entries = (runId: string): Promise<readonly StoredEntry[]> =>
    Promise.resolve([...this.#entries.values()].filter((entry) => entry.runId === runId));
  listing = async (runId: string) => ({
    items: await this.items(runId),
    entries: await this.entries(runId),
  });
  record = (at: RecordPlace): Promise<ItemRecord | null> =>
    Promise.resolve(this.#records.get(keyOf(at)) ?? null);
  image = (sha256: string) => {
    const plans = [...this.#plans.values()];
    const plan = plans.find(({ images }) => images.has(sha256));
    return Promise.resolve(plan?.images.get(sha256) ?? null);
  };
  finished = async (runId: string, checkpointId: string): Promise<ReadonlySet<number>> => {
    const entries = await this.entries(runId);
    return new Set(
      entries.filter((one) => one.checkpointId === checkpointId).map(({ place }) => place),
    );
  };
  put: ShelfStore['put'] = (at, record, figures, answerer) =>
    this.#call(() => {
      const run = this.#runs.get(at.runId);
      if (!run) throw new NamedError('StorageFailed', 'The run was deleted in the meantime.');
      this.#records.set(keyOf(at), record);
      this.#entries.set(keyOf(at), { ...at, figures });
      const answerers = { ...run.answerers, [at.checkpointId]: answerer };
      const next = { ...run, done: run.done + 1, answerers };
      this.#runs.set(run.id, next);
      return next;
    });
  rename = (runId: string, name: string): Promise<void> =>
    this.#call(() => {
      const run = this.#runs.get(runId);
      if (run) this.#runs.set(runId, { ...run, name });
    });
  delete = (runId: string): Promise<void> =>
    this.#call(() => {
      this.#runs.delete(runId);
      this.#plans.delete(runId);
      for (const [key, entry] of this.#entries) {
        if (entry.runId === runId) this.#entries.delete(key);
      }
    });

  #add(plan: NewRun): void {
    this.#runs.set(plan.run.id, plan.run);
    this.#plans.set(plan.run.id, plan);
  }

  #call<Value>(work: () => Value): Promise<Value> {
    const { error } = this;
    this.error = null;
    return error ? Promise.reject(error) : Promise.resolve().then(work);
  }
}

const keyOf = ({ runId, checkpointId, place }: RecordPlace): string =>
  `${runId} ${checkpointId} ${String(place)}`;
