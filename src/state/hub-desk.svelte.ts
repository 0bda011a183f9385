/** Repositories of a hub: the one that a person named, and those of the table, each with what was found. */

import type { DtypeChoice } from '../backend/hub-dtypes.ts';
import {
  readReference,
  type HubFacts,
  type RepositoryReference,
} from '../backend/hub-repository.ts';
import type { Stage } from '../core/types.ts';
import { asNamedError } from '../protocol/errors.ts';
import type { HubAccess } from './hub-access.svelte.ts';
import { ModelLookup, type LookupPorts } from './model-lookup.svelte.ts';

/** A row of the table of checkpoints on hubs. */
export interface ListedModel extends RepositoryReference {
  readonly license: string;
  readonly hasTerms: boolean;
  readonly stage: Stage;
}

export interface HubPorts extends Pick<LookupPorts, 'kept' | 'freeBytes'> {
  readonly listed: readonly ListedModel[];
  readonly lookUp: (query: {
    readonly endpoint: string;
    readonly repository: string;
    readonly revision: string;
    readonly token: string | null;
    readonly signal: AbortSignal;
  }) => Promise<HubFacts>;
  /** What this machine makes of the data types. */
  readonly choices: (facts: HubFacts) => Promise<readonly DtypeChoice[]>;
}

export class HubDesk {
  #typed = $state('');
  #problem = $state<string | null>(null);
  #named = $state.raw<ModelLookup | null>(null);
  #table = $state.raw<readonly ModelLookup[]>([]);

  constructor(
    readonly access: HubAccess,
    private readonly ports: HubPorts,
  ) {
    this.#table = this.#tableOf();
  }

  /** The repository in the field, as typed. */
  get typed(): string {
    return this.#typed;
  }
  /** Why that is no name; `null` where it was taken. */
  get problem(): string | null {
    return this.#problem;
  }
  /** The repository that was typed and looked up; `null` for none. */
  get named(): ModelLookup | null {
    return this.#named;
  }
  /** Rows of the table. */
  get table(): readonly ModelLookup[] {
    return this.#table;
  }

  type(text: string): void {
    this.#typed = text;
    this.#problem = null;
  }

  /** Looks up the repository that was typed; what the table knows of it is taken over. */
  async lookUp(): Promise<void> {
    let reference: RepositoryReference;
    try {
      reference = readReference(this.#typed, this.access.endpoint);
    } catch (thrown) {
      this.#problem = asNamedError(thrown).message;
      return;
    }
    this.#named?.cancel();
    this.#named = this.#lookupOf(
      this.ports.listed.find(({ repository }) => repository === reference.repository) ?? null,
      reference,
    );
    await this.#named.look();
  }

  /** Forgets what was found of one. */
  close(lookup: ModelLookup): void {
    lookup.close();
    if (lookup === this.#named) this.#named = null;
  }

  /** Takes another hub; what was found of the one before is forgotten. */
  setEndpoint(typed: string): void {
    if (!this.access.setEndpoint(typed)) return;
    for (const lookup of this.#all) this.close(lookup);
    this.#table = this.#tableOf();
  }

  /** Looks again at what is kept and what room there is. */
  async refresh(): Promise<void> {
    await Promise.all(this.#all.map((lookup) => lookup.refresh()));
  }

  get #all(): readonly ModelLookup[] {
    return this.#named ? [...this.#table, this.#named] : this.#table;
  }

  #tableOf(): readonly ModelLookup[] {
    return this.ports.listed.map((row) => this.#lookupOf(row, row));
  }

  #lookupOf(
    listed: ListedModel | null,
    { repository, revision }: RepositoryReference,
  ): ModelLookup {
    const { endpoint } = this.access;
    const offer = {
      origin: { kind: 'hub', endpoint, repository },
      revision,
      listed,
      stage: listed?.stage ?? 'base',
    } as const;
    const look = (signal: AbortSignal): Promise<HubFacts> => {
      const token = this.access.tokenFor(endpoint);
      return this.ports.lookUp({ endpoint, repository, revision, token, signal });
    };
    return new ModelLookup(offer, { ...this.ports, look });
  }
}
