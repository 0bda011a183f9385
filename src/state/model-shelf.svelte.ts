/**
 * The Models screen as its views are given it: the table of checkpoints with what was added to it, the
 * rows of the hub table and any repository that a person names, and what all that takes in this browser.
 */

import type { DeviceAbility, DtypeChoice } from '../backend/hub-dtypes.ts';
import {
  readReference,
  type HubFacts,
  type RepositoryReference,
} from '../backend/hub-repository.ts';
import type { Stage } from '../core/types.ts';
import { asNamedError } from '../protocol/errors.ts';
import type { HubPlace } from '../protocol/hub.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { AddedList } from './added-list.svelte.ts';
import type { AddedModel } from './added-model.svelte.ts';
import type { CheckpointChoice, CheckpointSlot } from './checkpoint-choice.svelte.ts';
import type { HubAccess } from './hub-access.svelte.ts';
import type { KeptDownloads } from './kept-downloads.svelte.ts';
import { formatModelsLink, parseModelsLink } from './model-link.ts';
import { ModelLookup, type LookupPorts } from './model-lookup.svelte.ts';
import { SET_RUN_GOES_ON, type RunSession } from './run-session.svelte.ts';

/** A row of the table of checkpoints on hubs. */
export interface ListedModel extends RepositoryReference {
  readonly license: string;
  readonly hasTerms: boolean;
  readonly stage: Stage;
}

export interface ShelfPorts extends Omit<LookupPorts, 'look' | 'choices'> {
  readonly listed: readonly ListedModel[];
  readonly lookUp: (query: {
    readonly endpoint: string;
    readonly repository: string;
    readonly revision: string;
    readonly token: string | null;
    readonly signal: AbortSignal;
  }) => Promise<HubFacts>;
  readonly ability: (preference: DevicePreference) => Promise<DeviceAbility>;
  readonly choicesFor: (facts: HubFacts, ability: DeviceAbility) => readonly DtypeChoice[];
  /** Lets the session's other work on the model end. */
  readonly settle: () => Promise<void>;
}

export class ModelShelf {
  #device = $state<DevicePreference>('auto');
  #ability = $state.raw<DeviceAbility | null>(null);
  #typed = $state('');
  #typedProblem = $state<string | null>(null);
  #named = $state.raw<ModelLookup | null>(null);
  #table = $state.raw<readonly ModelLookup[]>([]);
  #abilityOf: Promise<DeviceAbility> | null = null;

  constructor(
    readonly access: HubAccess,
    readonly added: AddedList,
    readonly downloads: KeptDownloads,
    private readonly session: RunSession,
    private readonly ports: ShelfPorts,
  ) {
    this.#table = this.#tableOf();
  }

  get checkpoints(): CheckpointChoice {
    return this.session.checkpoints;
  }
  /** Those that ship with the page. */
  get builtIn(): readonly CheckpointSlot[] {
    return this.checkpoints.slots.filter(({ id }) => this.added.find(id) === undefined);
  }
  get link(): string {
    return formatModelsLink({ look: this.#typed.trim(), device: this.#device });
  }
  /** What this machine could run; `null` until it was asked. */
  get ability(): DeviceAbility | null {
    return this.#ability;
  }
  /** The repository in the field, as typed. */
  get typed(): string {
    return this.#typed;
  }
  get typedProblem(): string | null {
    return this.#typedProblem;
  }
  /** The repository that was typed and looked up; `null` for none. */
  get named(): ModelLookup | null {
    return this.#named;
  }
  /** Rows of the hub table, each with what its look-up found. */
  get table(): readonly ModelLookup[] {
    return this.#table;
  }
  /** Commits of which files are kept that no checkpoint of the list has. */
  get others(): readonly HubPlace[] {
    return this.downloads.beside(this.added.models.map(({ place }) => place));
  }
  /** Why nothing can be loaded, unloaded or changed now, in a sentence; `null` where it can. */
  get busy(): string | null {
    if (this.checkpoints.holder === 'evaluate') return SET_RUN_GOES_ON;
    if (this.session.status === 'loading') return 'A checkpoint is being loaded.';
    return this.session.isBusy ? 'A run goes on under Explore.' : null;
  }

  /** Puts an address into the controls. */
  async follow(hash: string): Promise<void> {
    const { look, device } = parseModelsLink(hash);
    if (device !== this.#device) {
      this.#device = device;
      this.#abilityOf = null;
    }
    if (look !== '') this.type(look);
    await this.refresh();
  }

  /** Looks at the device, and at what this browser keeps. */
  async refresh(): Promise<void> {
    await Promise.all([this.#askAbility(), this.added.refresh(), this.downloads.refresh()]);
  }

  type(text: string): void {
    this.#typed = text;
    this.#typedProblem = null;
  }

  /** Looks up the repository that was typed; what the table knows of it is taken over. */
  async lookUpTyped(): Promise<void> {
    let reference: RepositoryReference;
    try {
      reference = readReference(this.#typed, this.access.endpoint);
    } catch (thrown) {
      this.#typedProblem = asNamedError(thrown).message;
      return;
    }
    this.#named?.cancel();
    this.#named = this.#lookupOf(
      this.ports.listed.find(({ repository }) => repository === reference.repository) ?? null,
      reference,
    );
    await this.#named.look();
  }

  closeNamed(): void {
    this.#named?.close();
    this.#named = null;
  }

  /** Takes another hub; what was found of the one before is forgotten. */
  setEndpoint(typed: string): void {
    if (!this.access.setEndpoint(typed)) return;
    this.closeNamed();
    for (const lookup of this.#table) lookup.cancel();
    this.#table = this.#tableOf();
  }

  /** Adds what is chosen of a look-up to the table; `null` where it may not be. */
  add(lookup: ModelLookup): AddedModel | null {
    const { choice, blocked, offer, stage, parent, license } = lookup;
    if (choice === null || blocked !== null) return null;
    const { dtype, manifest } = choice;
    const { origin } = offer;
    const model = this.added.add({ stage, parent, dtype, license, manifest, origin });
    lookup.close();
    if (lookup === this.#named) this.#named = null;
    return model;
  }

  /** Loads a checkpoint; a failure stays at its row. */
  async load(id: string): Promise<void> {
    const slot = this.checkpoints.find(id);
    if (!slot || !(await this.#isFree())) return;
    await this.session.load([slot], this.#device);
    await this.refresh();
  }

  /** Breaks the load off; files that are complete stay. */
  cancel(): void {
    if (this.session.status === 'loading') this.session.stop();
  }

  /** Frees the memory that it takes. */
  async unload(id: string): Promise<void> {
    if (await this.#isFree()) this.checkpoints.find(id)?.unload();
  }

  /** Says what an added checkpoint is in the lineage. */
  async place(id: string, stage: Stage, parent: string | null): Promise<void> {
    if (await this.#isFree()) this.added.place(id, stage, parent);
  }

  /** Takes a checkpoint off the list; what is kept of its files stays. */
  async remove(id: string): Promise<void> {
    if (await this.#isFree()) this.added.remove(id);
  }

  /** Deletes the files of a commit from this browser, of all its data types. */
  async discard(place: HubPlace): Promise<void> {
    if (!(await this.#isFree())) return;
    await this.downloads.discard(place);
    await Promise.all([this.added.refresh(), ...this.#lookups.map((one) => one.refresh())]);
  }

  /** Lets what is computed beside runs end; `false` where a run has to end first. */
  async #isFree(): Promise<boolean> {
    if (this.busy !== null) return false;
    await this.ports.settle();
    return this.busy === null;
  }

  get #lookups(): readonly ModelLookup[] {
    return this.#named ? [...this.#table, this.#named] : this.#table;
  }

  #tableOf(): readonly ModelLookup[] {
    return this.ports.listed.map((row) => this.#lookupOf(row, row));
  }

  #lookupOf(row: ListedModel | null, { repository, revision }: RepositoryReference): ModelLookup {
    const { endpoint } = this.access;
    return new ModelLookup(
      {
        origin: { kind: 'hub', endpoint, repository },
        revision,
        listed: row,
        stage: row?.stage ?? 'base',
      },
      {
        ...this.ports,
        look: (signal) =>
          this.ports.lookUp({
            endpoint,
            repository,
            revision,
            token: this.access.tokenFor(endpoint),
            signal,
          }),
        choices: async (facts) => this.ports.choicesFor(facts, await this.#askAbility()),
      },
    );
  }

  #askAbility(): Promise<DeviceAbility> {
    this.#abilityOf ??= this.ports.ability(this.#device).then((ability) => {
      this.#ability = ability;
      return ability;
    });
    return this.#abilityOf;
  }
}
