/**
 * The Models screen as its views are given it: the table of checkpoints with what was added to it, where
 * more of them come from, and what all that takes in this browser.
 */

import type { DeviceAbility } from '../backend/hub-dtypes.ts';
import type { Stage } from '../core/types.ts';
import type { HubPlace } from '../protocol/hub.ts';
import type { Concurrency } from '../storage/added-checkpoints.ts';
import type { AddedList } from './added-list.svelte.ts';
import type { AddedModel } from './added-model.svelte.ts';
import type { CheckpointChoice, CheckpointSlot } from './checkpoint-choice.svelte.ts';
import type { DeviceView } from './device-view.svelte.ts';
import type { FolderDesk } from './folder-desk.svelte.ts';
import type { HubDesk } from './hub-desk.svelte.ts';
import type { KeptDownloads } from './kept-downloads.svelte.ts';
import { formatModelsLink, parseModelsLink } from './model-link.ts';
import type { ModelLookup } from './model-lookup.svelte.ts';
import type { RunSession } from './run-session.svelte.ts';
import type { ServerDesk } from './server-desk.svelte.ts';

export class ModelShelf {
  constructor(
    readonly hub: HubDesk,
    readonly folder: FolderDesk,
    readonly servers: ServerDesk,
    readonly added: AddedList,
    readonly downloads: KeptDownloads,
    private readonly device: DeviceView,
    private readonly session: RunSession,
    /** Lets the session's other work on the model end. */
    private readonly settle: () => Promise<void>,
  ) {}

  get checkpoints(): CheckpointChoice {
    return this.session.checkpoints;
  }
  /** Those that ship with the page. */
  get builtIn(): readonly CheckpointSlot[] {
    const { slots, towers } = this.checkpoints;
    return [...slots, ...towers].filter(({ id }) => this.added.find(id) === undefined);
  }
  get link(): string {
    return formatModelsLink({
      look: this.hub.typed.trim(),
      server: this.servers.typed.trim(),
      device: this.device.preference,
    });
  }
  /** What this machine could run; `null` until it was asked. */
  get ability(): DeviceAbility | null {
    return this.device.ability;
  }
  /** Commits of which files are kept that no checkpoint of the list has. */
  get others(): readonly HubPlace[] {
    return this.downloads.beside(this.added.models.map(({ place }) => place));
  }
  /** Why nothing can be loaded, unloaded or changed now, in a sentence; `null` where it can. */
  get busy(): string | null {
    const elsewhere = this.checkpoints.waitFor('explore');
    if (elsewhere !== null) return elsewhere;
    if (this.session.status === 'loading') return 'A checkpoint is being loaded.';
    return this.session.isBusy ? 'A run goes on under Explore.' : null;
  }

  /** Puts an address into the controls; a hub is asked when a person presses the button. */
  async follow(hash: string): Promise<void> {
    const { look, server, device } = parseModelsLink(hash);
    this.device.prefer(device);
    if (look !== '') this.hub.type(look);
    if (server !== '') this.servers.type(server);
    await this.refresh();
  }

  /** Looks at the device, and at what this browser keeps. */
  async refresh(): Promise<void> {
    await Promise.all([this.device.look(), this.added.refresh(), this.downloads.refresh()]);
  }

  /** Adds what is chosen of a look-up to the table; `null` where it may not be. */
  async add(lookup: ModelLookup): Promise<AddedModel | null> {
    const { choice, blocked, offer, stage, parent, license } = lookup;
    if (choice === null || blocked !== null) return null;
    const { dtype, manifest } = choice;
    const { origin } = offer;
    const model = this.added.add({ stage, parent, dtype, license, manifest, origin });
    if (lookup === this.folder.lookup) {
      await this.folder.keep(model.id);
      this.folder.close();
    } else this.hub.close(lookup);
    return model;
  }

  /** Adds what is chosen of a server to the table; `null` where nothing is. */
  addServed(): AddedModel | null {
    const entry = this.servers.entry();
    return entry && this.added.add(entry);
  }

  /** Adds the study's three models, each trained from the one before; `null` where a field is wrong. */
  addPaperLineage(): readonly AddedModel[] | null {
    const entries = this.servers.paperEntries();
    if (entries === null) return null;
    const models: AddedModel[] = [];
    for (const entry of entries) {
      models.push(this.added.add({ ...entry, parent: models.at(-1)?.id ?? null }));
    }
    return models;
  }

  /** How many requests go to a server's model at a time. It is unloaded: the next load keeps to it. */
  async setConcurrency(id: string, concurrency: Concurrency): Promise<void> {
    if (await this.#isFree()) this.added.setConcurrency(id, concurrency);
  }

  /** Loads a checkpoint; a failure stays at its row. */
  async load(id: string): Promise<void> {
    const slot = this.checkpoints.find(id);
    if (!slot || !(await this.#isFree())) return;
    await this.session.load([slot], this.device.preference);
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
    if (!(await this.#isFree())) return;
    this.added.remove(id);
    await this.folder.forget(id);
  }

  /** Deletes the files of a commit from this browser, of all its data types. */
  async discard(place: HubPlace): Promise<void> {
    if (!(await this.#isFree())) return;
    await this.downloads.discard(place);
    await Promise.all([this.added.refresh(), this.hub.refresh()]);
  }

  /** Lets what is computed beside runs end; `false` where a run has to end first. */
  async #isFree(): Promise<boolean> {
    if (this.busy !== null) return false;
    await this.settle();
    return this.busy === null;
  }
}
