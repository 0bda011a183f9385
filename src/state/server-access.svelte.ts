/**
 * The servers that images may be sent to, each with its key. A key belongs to one origin; it is in the
 * memory of this tab, and in the browser's storage only where a person asked for that.
 */

import { asNamedError } from '../protocol/errors.ts';
import { serverAddress, type ServerAddress } from '../protocol/server.ts';
import { readServers, writeServers } from '../storage/server-settings.ts';

/** What lets requests pass: it is told what to know and what to forget. */
export interface ServerDoor {
  /** @throws NamedError for a key that is none */
  add(address: ServerAddress, key: string | null): void;
  remove(address: ServerAddress): void;
}

export interface KnownServer {
  readonly address: ServerAddress;
  readonly key: string | null;
  /** Whether the key is written into the browser's storage. */
  readonly remembers: boolean;
  /** What is wrong with the key that was typed last; `null` where it was taken. */
  readonly problem: string | null;
}

export class ServerAccess {
  #servers = $state.raw<readonly KnownServer[]>([]);
  #isStored = $state(true);

  constructor(
    private readonly storage: Storage,
    private readonly door: ServerDoor,
  ) {
    for (const { origin, key } of readServers(storage)) {
      const address = serverAddress(origin);
      if (address) this.#put({ address, key, remembers: key !== null, problem: null });
    }
  }

  /** One an origin, in the order in which they were added. */
  get servers(): readonly KnownServer[] {
    return this.#servers;
  }
  /** `false` where the browser did not keep the list: it lasts as long as the page. */
  get isStored(): boolean {
    return this.#isStored;
  }

  find({ origin }: Pick<ServerAddress, 'origin'>): KnownServer | undefined {
    return this.#servers.find(({ address }) => address.origin === origin);
  }

  /** Lets requests to a server pass; one that is known keeps its key. */
  add(address: ServerAddress): void {
    if (this.find(address)) return;
    this.#put({ address, key: null, remembers: false, problem: null });
    this.#store();
  }

  /** Takes another key, none for an empty text. A text that is no key is refused and named. */
  setKey(origin: string, typed: string): void {
    const known = this.find({ origin });
    if (!known) return;
    const key = typed.trim() === '' ? null : typed.trim();
    try {
      this.#put({ ...known, key, problem: null });
    } catch (thrown) {
      this.#replace({ ...known, problem: asNamedError(thrown).message });
    }
    this.#store();
  }

  setRemembers(origin: string, wanted: boolean): void {
    const known = this.find({ origin });
    if (!known) return;
    this.#replace({ ...known, remembers: wanted });
    this.#store();
  }

  /** Nothing is sent there any more; its key is forgotten. */
  forget(origin: string): void {
    const known = this.find({ origin });
    if (!known) return;
    this.door.remove(known.address);
    this.#servers = this.#servers.filter((server) => server !== known);
    this.#store();
  }

  #put(server: KnownServer): void {
    this.door.add(server.address, server.key);
    this.#replace(server);
  }

  #replace(server: KnownServer): void {
    const old = this.find(server.address);
    this.#servers = old
      ? this.#servers.map((one) => (one === old ? server : one))
      : [...this.#servers, server];
  }

  #store(): void {
    this.#isStored = writeServers(
      this.storage,
      this.#servers.map(({ address: { origin }, key, remembers }) => ({
        origin,
        key: remembers ? key : null,
      })),
    );
  }
}
