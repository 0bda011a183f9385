/** The recorded run over sets that ships with the page: offered where nothing is stored yet. */

import { asNamedError, type NamedError } from '../protocol/errors.ts';
import type { RecordedSetFacts } from '../storage/recorded-set.ts';
import type { RunShelf } from './run-shelf.svelte.ts';

export interface RecordedSetPorts {
  readonly facts: () => Promise<RecordedSetFacts>;
  readonly file: (facts: RecordedSetFacts, signal: AbortSignal) => Promise<File>;
  /** Imports run files and opens the first. @throws NamedError why it could not */
  readonly import: (files: readonly File[]) => Promise<void>;
}

export class RecordedSet {
  #facts = $state.raw<RecordedSetFacts | null>(null);
  #isFetching = $state(false);
  #error = $state.raw<NamedError | null>(null);
  #looked: Promise<void> | null = null;
  #abort: AbortController | null = null;

  /** It is among the stored runs. */
  readonly isHere = $derived.by<boolean>(
    () => this.#facts !== null && this.shelf.find(this.#facts.runId) !== undefined,
  );

  constructor(
    private readonly shelf: Pick<RunShelf, 'find'>,
    private readonly ports: RecordedSetPorts,
  ) {}

  /** What it is; `null` until that is known. */
  get facts(): RecordedSetFacts | null {
    return this.#facts;
  }
  get isFetching(): boolean {
    return this.#isFetching;
  }
  get error(): NamedError | null {
    return this.#error;
  }

  /** Asks once what there is. */
  look(): Promise<void> {
    this.#looked ??= this.#look();
    return this.#looked;
  }

  /** Fetches, imports and opens it. @returns its run's id when it is stored */
  async open(): Promise<string | null> {
    const facts = this.#facts;
    if (facts === null || this.#isFetching) return null;
    const abort = new AbortController();
    this.#abort = abort;
    this.#isFetching = true;
    this.#error = null;
    try {
      const file = await this.ports.file(facts, abort.signal);
      await this.ports.import([file]);
    } catch (thrown) {
      const error = asNamedError(thrown);
      if (error.name !== 'Cancelled') this.#error = error;
    } finally {
      this.#isFetching = false;
    }
    return this.isHere ? facts.runId : null;
  }

  stop(): void {
    this.#abort?.abort();
  }

  async #look(): Promise<void> {
    try {
      this.#facts = await this.ports.facts();
    } catch {
      // Without it there is nothing to offer; the next look asks again.
      this.#looked = null;
    }
  }
}
