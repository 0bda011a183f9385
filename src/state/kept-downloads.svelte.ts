/** What this browser keeps of checkpoints on hubs, beside those of the list, and what room is left. */

import type { HubPlace } from '../protocol/hub.ts';

export interface KeptPorts {
  readonly keptPlaces: () => Promise<readonly HubPlace[]>;
  /** Deletes all files of a commit. */
  readonly discard: (place: HubPlace) => Promise<void>;
  /** Bytes that the browser would still keep; `null` where it does not say. */
  readonly freeBytes: () => Promise<number | null>;
}

export class KeptDownloads {
  #places = $state.raw<readonly HubPlace[]>([]);
  #freeBytes = $state<number | null>(null);

  constructor(private readonly ports: KeptPorts) {}

  /** `null` where the browser does not say. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** Commits of which files are kept and that are none of these. */
  beside(places: readonly (HubPlace | null)[]): readonly HubPlace[] {
    const known = places.flatMap((place) => (place ? [keyOf(place)] : []));
    return this.#places.filter((place) => !known.includes(keyOf(place)));
  }

  async refresh(): Promise<void> {
    [this.#places, this.#freeBytes] = await Promise.all([
      this.ports.keptPlaces().catch(() => []),
      this.ports.freeBytes().catch(() => null),
    ]);
  }

  async discard(place: HubPlace): Promise<void> {
    await this.ports.discard(place);
    await this.refresh();
  }
}

const keyOf = ({ endpoint, repository, revision }: HubPlace): string =>
  `${endpoint} ${repository} ${revision}`;
