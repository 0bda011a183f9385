/** A folder on this machine that a person opened: looked at like a repository of a hub, and never sent anywhere. */

import type { HubFacts } from '../backend/hub-repository.ts';
import type { FolderFile } from '../protocol/folder.ts';
import type { FolderAccess, GivenFolder } from '../storage/folder-access.ts';
import { ModelLookup, type LookupPorts } from './model-lookup.svelte.ts';

export interface FolderPorts extends Pick<LookupPorts, 'choices'> {
  readonly folders: Pick<FolderAccess, 'attach' | 'forget'>;
  /** Files below the checkpoint's own folder. */
  readonly read: (folder: GivenFolder) => Promise<readonly FolderFile[]>;
  readonly look: (name: string, files: readonly FolderFile[]) => Promise<HubFacts>;
}

export class FolderDesk {
  #lookup = $state.raw<ModelLookup | null>(null);
  #given: GivenFolder | null = null;
  #files: readonly FolderFile[] = [];

  constructor(private readonly ports: FolderPorts) {}

  /** The folder that is open; `null` for none. */
  get lookup(): ModelLookup | null {
    return this.#lookup;
  }

  /** Looks at a folder in place of the one before. */
  async open(given: GivenFolder): Promise<void> {
    this.close();
    this.#given = given;
    const look = async (): Promise<HubFacts> => {
      const files = await this.ports.read(given);
      if (this.#given === given) this.#files = files;
      return this.ports.look(given.name, files);
    };
    const lookup = new ModelLookup(
      {
        origin: { kind: 'folder', folder: given.name },
        revision: '',
        listed: null,
        stage: 'base',
      },
      {
        look,
        choices: this.ports.choices,
        kept: () => Promise.resolve(0),
        freeBytes: () => Promise.resolve(null),
      },
    );
    this.#lookup = lookup;
    await lookup.look();
  }

  /** Keeps the open folder for a checkpoint of it. */
  async keep(id: string): Promise<void> {
    if (this.#given !== null) await this.ports.folders.attach(id, this.#given, this.#files);
  }

  async forget(id: string): Promise<void> {
    await this.ports.folders.forget(id);
  }

  close(): void {
    this.#lookup?.close();
    this.#lookup = null;
    this.#given = null;
    this.#files = [];
  }
}
