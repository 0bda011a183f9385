/** A checkpoint that a person added: its entry in the list, its slot, and what of it is in the browser. */

import { hubPage, type HubPlace } from '../protocol/hub.ts';
import { isServed, type AddedCheckpoint, type AddedServed } from '../storage/added-checkpoints.ts';
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
  /** What servers answer for; `null` where it runs in this browser. */
  get served(): AddedServed | null {
    return isServed(this.entry) ? this.entry : null;
  }
  /** Where its files are kept; `null` for a folder, which keeps its own, and for a server. */
  get place(): HubPlace | null {
    if (isServed(this.entry)) return null;
    const { origin, manifest } = this.entry;
    return origin.kind === 'hub' ? { ...origin, revision: manifest.revision } : null;
  }
  /** The page of its repository; `null` for a folder and for a server. */
  get page(): string | null {
    const { origin } = this.entry;
    return origin.kind === 'hub' ? hubPage(origin) : null;
  }
  /** Bytes of all its files; 0 for a server, of which nothing is fetched. */
  get sizeBytes(): number {
    if (isServed(this.entry)) return 0;
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
