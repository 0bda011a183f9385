/**
 * How the results of a run over sets are looked at: which checkpoints, which figures, which items in
 * which order. Kept beside the results, so that the way back from Explore finds the page as it was.
 */

import type { SetResults } from './set-results.svelte.ts';

/** Rows of the table: every figure of one set, or one figure of every set. */
export type TableRows = 'figures' | 'sets';

/** `all` items, the `macro` mean over sets, or a data set's id. */
export type Scope = string;

export type ItemSort = 'hardest' | 'easiest' | 'place' | 'wrong-image' | 'differing';

/** Which items by what the judging checkpoint made of them. */
export type Difficulty = 'any' | 'never' | 'sometimes' | 'always' | 'hidden' | 'greedy-wrong';

export class ResultChoice {
  /** `null` until something was chosen: then all of the run. */
  #checkpointIds = $state.raw<readonly string[] | null>(null);
  #rows = $state<TableRows>('figures');
  #scope = $state<Scope>('all');
  #metric = $state('accuracyAt1');
  #judge = $state('');
  #difficulty = $state<Difficulty>('any');
  #sort = $state<ItemSort>('hardest');
  /** Pixels that the list of items is scrolled by. */
  scrollTop = 0;
  #runId: string | null = null;

  /** Those that are shown, in the order of the run. */
  readonly checkpointIds = $derived.by<readonly string[]>(() => {
    const all = this.results.run?.settings.checkpointIds ?? [];
    const chosen = all.filter((id) => this.#checkpointIds?.includes(id) ?? true);
    return chosen.length > 0 ? chosen : all;
  });

  /** The checkpoint by which items are sorted and filtered: the last one shown unless one is chosen. */
  readonly judge = $derived.by<string>(() => {
    const ids = this.checkpointIds;
    return ids.includes(this.#judge) ? this.#judge : (ids.at(-1) ?? '');
  });

  constructor(private readonly results: SetResults) {}

  get rows(): TableRows {
    return this.#rows;
  }
  get scope(): Scope {
    return this.#scope;
  }
  get metric(): string {
    return this.#metric;
  }
  get difficulty(): Difficulty {
    return this.#difficulty;
  }
  get sort(): ItemSort {
    return this.#sort;
  }

  /** One has to stay. */
  toggleCheckpoint(id: string): void {
    const shown = this.checkpointIds;
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
    if (next.length > 0) this.#checkpointIds = next;
  }
  setRows(rows: TableRows): void {
    this.#rows = rows;
  }
  setScope(scope: Scope): void {
    this.#scope = scope;
    this.scrollTop = 0;
  }
  setMetric(metric: string): void {
    this.#metric = metric;
  }
  setJudge(id: string): void {
    this.#judge = id;
    this.scrollTop = 0;
  }
  setDifficulty(difficulty: Difficulty): void {
    this.#difficulty = difficulty;
    this.scrollTop = 0;
  }
  setSort(sort: ItemSort): void {
    this.#sort = sort;
    this.scrollTop = 0;
  }

  /** What belongs to one run only is forgotten when another one is opened. */
  beginRun(runId: string | null): void {
    if (runId === this.#runId) return;
    this.#runId = runId;
    this.#checkpointIds = null;
    this.#scope = 'all';
    this.#difficulty = 'any';
    this.scrollTop = 0;
  }
}
