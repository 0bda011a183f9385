/**
 * The checkpoints that a person added, as rows of the table of checkpoints that survive a reload. Nothing
 * of them is loaded until it is asked for.
 */

import type { AnswerBackend, CheckpointRow } from '../backend/answer-backend.ts';
import type { Stage } from '../core/types.ts';
import type { HubPlace } from '../protocol/hub.ts';
import type { ManifestFile } from '../protocol/manifest.ts';
import {
  isServed,
  readAdded,
  writeAdded,
  type AddedCheckpoint,
  type Concurrency,
  type NewCheckpoint,
} from '../storage/added-checkpoints.ts';
import { AddedModel } from './added-model.svelte.ts';
import {
  contentKey,
  freeId,
  nameOf,
  possibleParents,
  rowOf,
  withoutCircles,
} from './added-rows.ts';
import type { CheckpointChoice } from './checkpoint-choice.svelte.ts';

export interface AddedPorts {
  readonly storage: Storage;
  readonly makeBackend: (row: CheckpointRow, entry: AddedCheckpoint) => AnswerBackend;
  readonly kept: (place: HubPlace, files: readonly ManifestFile[]) => Promise<number>;
}

export class AddedList {
  #models = $state.raw<readonly AddedModel[]>([]);
  #isStored = $state(true);

  constructor(
    private readonly checkpoints: CheckpointChoice,
    private readonly ports: AddedPorts,
  ) {
    const entries = withoutCircles(readAdded(ports.storage), checkpoints.rows);
    // A name that a built-in checkpoint has got since stays with that one.
    for (const entry of entries) if (!checkpoints.find(entry.id)) this.#put(entry);
  }

  /** In the order in which they were added. */
  get models(): readonly AddedModel[] {
    return this.#models;
  }
  /** `false` where the browser did not keep the list: it lasts as long as the page. */
  get isStored(): boolean {
    return this.#isStored;
  }

  find(id: string): AddedModel | undefined {
    return this.#models.find((model) => model.id === id);
  }

  /** The one with these very files or servers, whatever it is called. */
  same(entry: NewCheckpoint): AddedModel | undefined {
    const key = contentKey(entry);
    return this.#models.find((model) => contentKey(model.entry) === key);
  }

  /** Adds one under a free name; one with the same files or servers is given back instead. */
  add(entry: NewCheckpoint): AddedModel {
    const known = this.same(entry);
    if (known) return known;
    const id = freeId(...nameOf(entry), this.checkpoints.ids);
    const model = this.#put({ ...entry, id });
    this.#store();
    return model;
  }

  /** Who can be its parent. */
  parentsOf(id: string): readonly string[] {
    return possibleParents(this.checkpoints.rows, id);
  }

  /** Says what it is in the lineage. It is unloaded: its samples carry its stage. */
  place(id: string, stage: Stage, parent: string | null): void {
    const model = this.find(id);
    if (!model || (parent !== null && !this.parentsOf(id).includes(parent))) return;
    this.#put({ ...model.entry, stage, parent });
    this.#store();
  }

  /** How many requests at a time: of one that servers answer for. */
  setConcurrency(id: string, concurrency: Concurrency): void {
    const model = this.find(id);
    if (!model?.served) return;
    const { served } = model;
    this.#put({ ...served, origin: { ...served.origin, concurrency } });
    this.#store();
  }

  remove(id: string): void {
    this.checkpoints.remove(id);
    this.#models = this.#models.filter((model) => model.id !== id);
    this.#store();
  }

  /** Looks how much of each is in the browser. */
  async refresh(): Promise<void> {
    await Promise.all(
      this.#models.map(async (model) => {
        const { place, entry } = model;
        if (place !== null && !isServed(entry)) {
          model.setKeptBytes(await this.ports.kept(place, entry.manifest.files).catch(() => 0));
        }
      }),
    );
  }

  #put(entry: AddedCheckpoint): AddedModel {
    const slot = this.checkpoints.add(this.ports.makeBackend(rowOf(entry), entry));
    const model = new AddedModel(entry, slot);
    const old = this.find(entry.id);
    model.setKeptBytes(old?.keptBytes ?? 0);
    this.#models = old
      ? this.#models.map((one) => (one === old ? model : one))
      : [...this.#models, model];
    return model;
  }

  #store(): void {
    this.#isStored = writeAdded(
      this.ports.storage,
      this.#models.map(({ entry }) => entry),
    );
  }
}
