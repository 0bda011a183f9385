/** A checkpoint that a person added: its entry in the list, its slot, and what of it is in the browser. */

import { hubPage, type HubPlace } from '../protocol/hub.ts';
import type { AddedCheckpoint } from '../storage/added-checkpoints.ts';
import type { CheckpointSlot } from './checkpoint-choice.svelte.ts';

export class AddedModel {
  #keptBytes = $state(0);

  constructor(
    readonly entry: AddedCheckpoint,
    readonly slot: CheckpointSlot,
  ) {}

  get id(): string {
    return this.entry.id;
  }
  /** Where its files are kept; `null` for a folder, which keeps its own. */
  get place(): HubPlace | null {
    const { origin, manifest } = this.entry;
    return origin.kind === 'hub' ? { ...origin, revision: manifest.revision } : null;
  }
  /** The page of its repository; `null` for a folder. */
  get page(): string | null {
    const { origin } = this.entry;
    return origin.kind === 'hub' ? hubPage(origin) : null;
  }
  /** Bytes of all its files. */
  get sizeBytes(): number {
    return this.entry.manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
  /** Bytes of its files that are in this browser. */
  get keptBytes(): number {
    return this.#keptBytes;
  }
  get isKept(): boolean {
    return this.place !== null && this.#keptBytes === this.sizeBytes;
  }

  setKeptBytes(bytes: number): void {
    this.#keptBytes = bytes;
  }
}
