/** Stored runs that an address names: the recorded one is fetched for it, others that are not here are named. */

import { linkedRunIds } from './linked-run-ids.ts';
import type { RecordedSet } from './recorded-set.svelte.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

export class LinkedRuns {
  #missing = $state.raw<readonly string[]>([]);

  constructor(
    private readonly shelf: Pick<RunShelf, 'find' | 'isOpen' | 'open'>,
    private readonly recorded: Pick<RecordedSet, 'look' | 'facts' | 'open'>,
  ) {}

  /** Ids of runs that the last address named and that are not in this browser. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** To be awaited before a screen follows the address. */
  async settle(hash: string): Promise<void> {
    this.#missing = [];
    const ids = linkedRunIds(hash);
    if (ids.length === 0) return;
    if (!this.shelf.isOpen) await this.shelf.open();
    const absent = (): readonly string[] => ids.filter((id) => this.shelf.find(id) === undefined);
    if (absent().length > 0) {
      await this.recorded.look();
      const { facts } = this.recorded;
      if (facts !== null && absent().includes(facts.runId)) await this.recorded.open();
    }
    // Without the list nothing is known of any run; the screen says so itself.
    this.#missing = this.shelf.isOpen ? absent() : [];
  }
}
