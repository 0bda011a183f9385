/** The Models screen's state with a hub that is a table, and backends without workers. */

import { OriginGate } from '../../src/backend/remote/origin-gate.ts';
import type { DeviceAbility, DtypeChoice } from '../../src/backend/hub-dtypes.ts';
import type { HubFacts } from '../../src/backend/hub-repository.ts';
import type { HubPlace } from '../../src/protocol/hub.ts';
import type { ServerAddress } from '../../src/protocol/server.ts';
import { AddedList } from '../../src/state/added-list.svelte.ts';
import { CheckpointChoice } from '../../src/state/checkpoint-choice.svelte.ts';
import { FolderDesk } from '../../src/state/folder-desk.svelte.ts';
import { DeviceView } from '../../src/state/device-view.svelte.ts';
import { HubDesk, type HubPorts } from '../../src/state/hub-desk.svelte.ts';
import { HubAccess } from '../../src/state/hub-access.svelte.ts';
import { KeptDownloads } from '../../src/state/kept-downloads.svelte.ts';
import { ModelShelf } from '../../src/state/model-shelf.svelte.ts';
import { RunResults } from '../../src/state/run-results.svelte.ts';
import { RunSession } from '../../src/state/run-session.svelte.ts';
import { ServerAccess } from '../../src/state/server-access.svelte.ts';
import { ServerDesk } from '../../src/state/server-desk.svelte.ts';
import { FakeBackend } from './fake-backend.ts';

export const COMMIT = 'a'.repeat(40);
const PLAIN: DeviceAbility = {
  kind: 'wasm',
  hasHalfPrecision: false,
  limits: { tensorBytes: null, weightsBytes: null },
  memoryBytes: null,
};

/** The browser's storage in memory. */
export class FakeStorage implements Storage {
  [name: string]: unknown;
  readonly entries = new Map<string, string>();
  isFull = false;

  get length(): number {
    return this.entries.size;
  }
  clear(): void {
    this.entries.clear();
  }
  key(at: number): string | null {
    return [...this.entries.keys()][at] ?? null;
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error('QuotaExceededError');
    this.entries.set(key, value);
  }
}

/** Of 100 bytes in q4 and 400 in fp32. */
export const factsOf = (
  repository: string,
  more: Partial<HubFacts['repository']> = {},
): HubFacts => ({
  repository: {
    repository,
    revision: COMMIT,
    license: { id: 'mit', name: null, address: null },
    isGated: false,
    modelType: 'smolvlm',
    files: [],
    ...more,
  },
  kind: 'vlm',
  dtypes: (
    [
      ['q4', 100],
      ['fp32', 400],
    ] as const
  ).map(([dtype, sizeBytes]) => ({
    dtype,
    sizeBytes,
    manifest: { revision: COMMIT, files: [{ path: `onnx/${dtype}`, sizeBytes }] },
  })),
});

/** Judges nothing; recommends q4. */
const judged = (dtypes: HubFacts['dtypes']): readonly DtypeChoice[] =>
  dtypes.map((one) => ({
    ...one,
    refusal: null,
    caution: null,
    isRecommended: one.dtype === 'q4',
  }));

export class ShelfBench {
  readonly backends: FakeBackend[] = [];
  readonly queries: Parameters<HubPorts['lookUp']>[0][] = [];
  /** What a look-up answers; throws what it throws. */
  answer: (repository: string) => HubFacts = (repository) => factsOf(repository);
  kept: readonly HubPlace[] = [];
  /** Checkpoints whose folder is kept. */
  readonly attached: string[] = [];
  freeBytes: number | null = 1000;
  /** Addresses that were asked for their models, and what they say; throws what it throws. */
  readonly askedServers: string[] = [];
  served: (address: ServerAddress) => readonly string[] = () => ['one', 'two'];
  readonly gate = new OriginGate();
  readonly checkpoints: CheckpointChoice;
  readonly session: RunSession;
  readonly shelf: ModelShelf;

  constructor(readonly storage = new FakeStorage()) {
    this.checkpoints = new CheckpointChoice(
      [new FakeBackend('base', 'base'), new FakeBackend('sft', 'sft', 'base')],
      ['sft'],
    );
    this.session = new RunSession(
      this.checkpoints,
      new RunResults(),
      (callback) => {
        callback();
      },
      () => '2026-11-27T00:00:00.000Z',
    );
    const keptOf = (place: HubPlace, files: readonly { readonly sizeBytes: number }[]) =>
      Promise.resolve(
        this.kept.some((one) => one.repository === place.repository)
          ? files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
          : 0,
      );
    const freeBytes = () => Promise.resolve(this.freeBytes);
    const added = new AddedList(this.checkpoints, {
      storage,
      kept: keptOf,
      makeBackend: (row) => {
        const backend = new FakeBackend(row.id, row.stage, row.parent, {
          ...(row.servedBy && { servedBy: row.servedBy }),
        });
        this.backends.push(backend);
        return backend;
      },
    });
    const downloads = new KeptDownloads({
      keptPlaces: () => Promise.resolve(this.kept),
      discard: (place) => {
        this.kept = this.kept.filter(({ repository }) => repository !== place.repository);
        return Promise.resolve();
      },
      freeBytes,
    });
    const device = new DeviceView({
      ability: () => Promise.resolve(PLAIN),
      choicesFor: judged,
    });
    const { choices } = device;
    const hub = new HubDesk(new HubAccess(storage), {
      listed: [
        {
          repository: 'owner/listed',
          revision: 'main',
          license: 'own terms',
          hasTerms: true,
          stage: 'rl',
        },
      ],
      lookUp: (query) => {
        this.queries.push(query);
        return Promise.resolve().then(() => this.answer(query.repository));
      },
      choices,
      kept: keptOf,
      freeBytes,
    });
    const folder = new FolderDesk({
      folders: {
        attach: (id) => {
          this.attached.push(id);
          return Promise.resolve();
        },
        forget: (id) => {
          this.attached.splice(this.attached.indexOf(id), 1);
          return Promise.resolve();
        },
      },
      read: ({ files }) => Promise.resolve(files ?? []),
      look: (name) => Promise.resolve().then(() => this.answer(name)),
      choices,
    });
    const servers = new ServerDesk(new ServerAccess(storage, this.gate), {
      models: (address) => {
        this.askedServers.push(address.baseUrl);
        return Promise.resolve().then(() => this.served(address));
      },
      pageUrl: 'https://page.test/',
    });
    this.shelf = new ModelShelf(hub, folder, servers, added, downloads, device, this.session, () =>
      Promise.resolve(),
    );
  }

  /** Looks up what is typed. */
  async lookUp(typed: string) {
    this.shelf.hub.type(typed);
    await this.shelf.hub.lookUp();
    return this.shelf.hub.named;
  }
}
