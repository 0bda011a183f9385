/** The state of Evaluate over a store in memory and checkpoints without a model. */

import { DirectFigures } from './direct-figures.ts';
import { setOf } from './evaluation-sets.ts';
import { FakeBackend } from './fake-backend.ts';
import { MemoryStore } from './memory-store.ts';
import { SAMPLER } from '../../src/core/record-fixture.ts';
import { planRun, type PlanRequest } from '../../src/evaluation/plan-run.ts';
import { CheckpointChoice } from '../../src/state/checkpoint-choice.svelte.ts';
import { EvaluationJob } from '../../src/state/evaluation-job.svelte.ts';
import { RunShelf, type StoragePort } from '../../src/state/run-shelf.svelte.ts';
import { SetResults } from '../../src/state/set-results.svelte.ts';
import type { NewRun } from '../../src/storage/run-store.ts';
import type { StoredEntry } from '../../src/storage/stored-run.ts';

export const REQUEST: PlanRequest = {
  name: 'two sets',
  sets: [setOf('bloodmnist'), setOf('pathmnist')],
  itemsPerSet: 2,
  kind: 'options',
  settings: {
    checkpointIds: ['base', 'sft'],
    promptMode: 'direct',
    hint: null,
    sampler: { ...SAMPLER, k: 4 },
    nulls: true,
  },
};

export async function planned(runId: string, change: Partial<PlanRequest> = {}): Promise<NewRun> {
  const { newRun } = await planRun(
    { ...REQUEST, ...change },
    {
      runId,
      createdAt: `2026-11-26T00:00:0${String(runId.length % 10)}.000Z`,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  return newRun;
}

/** Work for later, done when the test says so. */
export class Later {
  readonly delays: number[] = [];
  readonly #works: (() => void)[] = [];

  readonly soon = (work: () => void, delayMs = 0): void => {
    this.delays.push(delayMs);
    this.#works.push(work);
  };
  /** Does what is waiting, and what that brings. */
  run(): void {
    for (let work = this.#works.shift(); work; work = this.#works.shift()) work();
  }
  get isEmpty(): boolean {
    return this.#works.length === 0;
  }
}

export function evaluationState(
  store = new MemoryStore(),
  storage: StoragePort | null = null,
  exclusively = async (_: string, work: () => Promise<void>): Promise<boolean> => {
    await work();
    return true;
  },
) {
  const backends = [new FakeBackend('base', 'base'), new FakeBackend('sft')] as const;
  const checkpoints = new CheckpointChoice(backends, ['sft']);
  const shelf = new RunShelf(() => Promise.resolve(store), storage);
  const later = new Later();
  let now = 0;
  const clock = (): number => (now += 1);
  const figures = new DirectFigures();
  const results = new SetResults(shelf, { soon: later.soon, clock, figures });
  const entries: StoredEntry[] = [];
  let ids = 0;
  const job = new EvaluationJob(shelf, checkpoints, {
    makeId: () => `run ${String((ids += 1))}`,
    now: () => '2026-11-26T00:00:00.000Z',
    clock,
    exclusively,
    onRecord: (entry) => {
      entries.push(entry);
      results.follow(entry);
    },
  });
  return { store, backends, checkpoints, shelf, later, figures, results, entries, job };
}
