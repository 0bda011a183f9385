/**
 * A server that a person names: what it serves, and which of its models is added to the table. Nothing is
 * sent before `look`, and then only the question which models there are.
 */

import type { Stage } from '../core/types.ts';
import { asNamedError, type NamedError } from '../protocol/errors.ts';
import {
  isThisMachine,
  mixedContentProblem,
  serverAddress,
  type ServerAddress,
} from '../protocol/server.ts';
import type { AddedServed } from '../storage/added-checkpoints.ts';
import { PaperLineage } from './paper-lineage.svelte.ts';
import type { ServerAccess } from './server-access.svelte.ts';

export interface ServerPorts {
  /** Names of the models that a server lists; empty where it gives no list. */
  readonly models: (address: ServerAddress, signal: AbortSignal) => Promise<readonly string[]>;
  /** Address of the page. */
  readonly pageUrl: string;
}

export class ServerDesk {
  #typed = $state('');
  #key = $state('');
  #problem = $state<string | null>(null);
  #isLooking = $state(false);
  #error = $state.raw<NamedError | null>(null);
  #listed = $state.raw<readonly string[] | null>(null);
  #model = $state('');
  #stage = $state<Stage>('base');
  #parent = $state<string | null>(null);
  #abort: AbortController | null = null;
  readonly lineage: PaperLineage;

  /** The servers in the field: several are replicas of one model. `null` where one of them is no address. */
  readonly addresses = $derived.by<readonly ServerAddress[] | null>(() => serversIn(this.#typed));

  /** All that are in the field run here, as far as the browser knows: a tunnel may lead on. */
  readonly isOnThisMachine = $derived.by<boolean>(() => {
    const addresses = this.addresses ?? [];
    return addresses.length > 0 && addresses.every(isThisMachine);
  });

  constructor(
    readonly access: ServerAccess,
    private readonly ports: ServerPorts,
  ) {
    this.lineage = new PaperLineage(() => this.addresses ?? []);
  }

  /** Addresses in the field, as typed. */
  get typed(): string {
    return this.#typed;
  }
  /** The key in the field, as typed; it is given to the access by `look`. */
  get key(): string {
    return this.#key;
  }
  /** What is wrong with the addresses; `null` where they were taken. */
  get problem(): string | null {
    return this.#problem;
  }
  get isLooking(): boolean {
    return this.#isLooking;
  }
  /** Why the last look found nothing; `null` where it did. */
  get error(): NamedError | null {
    return this.#error;
  }
  /** Models that all of the servers list; `null` before a look. */
  get listed(): readonly string[] | null {
    return this.#listed;
  }
  /** The model that would be added, by its name in requests. */
  get model(): string {
    return this.#model;
  }
  get stage(): Stage {
    return this.#stage;
  }
  get parent(): string | null {
    return this.#parent;
  }

  /** Another address: what was found and the key belong to the one before. */
  type(text: string): void {
    this.#typed = text;
    this.#problem = null;
    this.#key = '';
    this.#forgetFound();
  }

  typeKey(text: string): void {
    this.#key = text;
  }

  choose(model: string): void {
    this.#model = model;
  }

  place(stage: Stage, parent: string | null): void {
    this.#stage = stage;
    this.#parent = parent;
  }

  /** Adds the servers, and asks each which models it has. */
  async look(): Promise<void> {
    const addresses = this.#checked();
    if (addresses === null) return;
    this.#forgetFound();
    const abort = new AbortController();
    this.#abort = abort;
    this.#isLooking = true;
    const key = this.#key;
    // One that does not answer is not among those that are asked: its address may be a slip.
    let silent = addresses.filter((address) => this.access.find(address) === undefined);
    try {
      for (const address of addresses) this.#let(address);
      // It is the servers' now: left here it would put back one that is mended there.
      this.#key = '';
      const lists: (readonly string[])[] = [];
      for (const address of addresses) {
        lists.push(await this.ports.models(address, abort.signal));
        silent = silent.filter((one) => one !== address);
      }
      const [first = [], ...more] = lists.filter((list) => list.length > 0);
      this.#listed = first.filter((model) => more.every((list) => list.includes(model)));
      this.#model = this.#listed[0] ?? '';
    } catch (thrown) {
      const error = asNamedError(thrown);
      const isStopped = abort.signal.aborted;
      if (isStopped || error.name === 'NetworkFailed') {
        for (const { origin } of silent) this.access.forget(origin);
        if (!isStopped && silent.length > 0) this.#key = key;
      }
      if (!isStopped) this.#error = error;
    } finally {
      if (this.#abort === abort) this.#isLooking = false;
    }
  }

  /** What is chosen, as an entry of the list; `null` where nothing is. */
  entry(): Omit<AddedServed, 'id'> | null {
    const { addresses } = this;
    const model = this.#model.trim();
    if (!addresses || addresses.length === 0 || this.#listed === null || model === '') return null;
    return {
      stage: this.#stage,
      parent: this.#parent,
      origin: {
        kind: 'server',
        servers: addresses.map(({ baseUrl }) => baseUrl),
        model,
        concurrency: 'auto',
      },
    };
  }

  /** The entries of the paper's lineage, whose servers are added; `null` where a field is wrong. */
  paperEntries(): readonly Omit<AddedServed, 'id'>[] | null {
    const entries = this.lineage.entries();
    const servers = entries?.flatMap(({ origin }) => origin.servers) ?? [];
    for (const address of servers.flatMap((server) => serverAddress(server) ?? [])) {
      this.#let(address);
    }
    return entries;
  }

  /** @returns the addresses where all of them can be asked from this page */
  #checked(): readonly ServerAddress[] | null {
    const { addresses } = this;
    this.#problem =
      addresses === null || addresses.length === 0
        ? 'A server has an address like http://localhost:8000 or https://example.org/v1.'
        : (addresses
            .map((address) => mixedContentProblem(address, this.ports.pageUrl))
            .find((problem) => problem !== null) ?? null);
    return this.#problem === null ? addresses : null;
  }

  #let(address: ServerAddress): void {
    this.access.add(address);
    if (this.#key.trim() !== '') this.access.setKey(address.origin, this.#key);
  }

  #forgetFound(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#isLooking = false;
    this.#error = null;
    this.#listed = null;
    this.#model = '';
  }
}

/** Addresses between commas or blanks, each once; `null` where one of them is none. */
export function serversIn(typed: string): readonly ServerAddress[] | null {
  const parts = typed.split(/[\s,]+/).filter((part) => part !== '');
  const addresses: ServerAddress[] = [];
  for (const part of parts) {
    const address = serverAddress(part);
    if (address === null) return null;
    if (addresses.every(({ baseUrl }) => baseUrl !== address.baseUrl)) addresses.push(address);
  }
  return addresses;
}
