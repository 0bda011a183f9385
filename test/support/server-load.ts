/**
 * A run over many items through the real runner, against scripted servers: what was stored is held
 * against what the servers wrote down that they sent.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { drawSeed } from '../../src/backend/remote/draw-seeds.ts';
import { OriginGate } from '../../src/backend/remote/origin-gate.ts';
import { RemoteBackend, type RemoteSettings } from '../../src/backend/remote/remote-backend.ts';
import { SAMPLER } from '../../src/core/record-fixture.ts';
import type { Sample } from '../../src/core/types.ts';
import { planRun } from '../../src/evaluation/plan-run.ts';
import { runSet, type RunnerStore } from '../../src/evaluation/set-runner.ts';
import { setOf } from './evaluation-sets.ts';
import { MemoryStore } from './memory-store.ts';
import { TOY_MODEL, type Fault } from './openai-profile.ts';
import type { OpenAiServer } from './openai-server.ts';
import { numberOf } from './openai-answers.ts';
import { quiet, ROW, SETTINGS } from './remote-bench.ts';

/** Of every hundred requests so many fail, in turns. */
const FAULTS: readonly Fault[] = [
  { type: 'status', status: 500 },
  { type: 'cut', after: 2 },
  { type: 'malformed' },
  { type: 'duplicate' },
  { type: 'status', status: 429, retryAfter: '0' },
  { type: 'error-event' },
  { type: 'page' },
];

export interface ServedRun {
  readonly servers: readonly OpenAiServer[];
  readonly items: number;
  readonly k: number;
  /** One request in so many fails; 0 for none. */
  readonly faultEvery: number;
  readonly settings?: Partial<RemoteSettings>;
  /** Also keeps the texts, which take memory. */
  readonly keepsTexts?: boolean;
  readonly signal?: AbortSignal;
  /** After each record. */
  readonly onRecord?: (done: number) => void;
}

export interface ServedFigures {
  readonly records: number;
  readonly samples: number;
  /** Draws that are there twice or do not belong to the request that the server logged for them. */
  readonly wrong: readonly string[];
  /** Answers that the servers sent to their end beyond those that were stored. */
  readonly sentBeyond: number;
  readonly requests: number;
  readonly faults: number;
  readonly seconds: number;
  /** Bytes of the heap behind each further 250 records, after a collection. */
  readonly heap: readonly number[];
  /** The text of every sample by item and index, where they are kept. */
  readonly texts: ReadonlyMap<string, string>;
  readonly device: string;
}

const HEAP_EVERY = 250;
/** Server and page share one thread here: a busy moment is no silence. */
const PATIENCE = { first: 20_000, between: 20_000, whole: 60_000 };

/** @param store to go on with what is in it */
export async function servedRun(asked: ServedRun, store?: MemoryStore): Promise<ServedFigures> {
  const { servers, items, k, faultEvery, settings } = asked;
  const gate = new OriginGate();
  let faults = 0;
  for (const server of servers) {
    gate.add(server.address, null);
    server.logsAll = false;
    server.faultAt = () => null;
  }
  const addresses = servers.map(({ address }) => address);
  const backend = new RemoteBackend(ROW, TOY_MODEL, addresses, gate, {
    ...{ ...SETTINGS, patience: PATIENCE },
    ...settings,
  });
  await backend.load('auto', quiet);
  let asking = 0;
  for (const server of servers) {
    server.log = [];
    server.faultAt = () => {
      asking += 1;
      if (faultEvery === 0 || asking % faultEvery !== 7) return null;
      return FAULTS[faults++ % FAULTS.length] ?? null;
    };
  }
  const used = store ?? (await plannedStore(items, k));
  const tally = new Tally(servers, k, asked.keepsTexts ?? false);
  const startedAt = performance.now();
  await runSet('run', portsOf(backend, tallied(used, tally)), {
    preference: 'auto',
    signal: asked.signal ?? quiet.signal,
    onProgress: () => undefined,
    onRecord: ({ done }) => {
      if (done % HEAP_EVERY === 0) tally.heap.push(heapBytes());
      asked.onRecord?.(done);
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const chats = servers.flatMap((server) => server.chats);
  const sent = chats.reduce((sum, one) => sum + one.sent, 0);
  return {
    records: tally.records,
    samples: tally.samples,
    wrong: tally.wrong,
    sentBeyond: sent - tally.samples - tally.records,
    requests: chats.length,
    ...{ faults, seconds, heap: tally.heap, texts: tally.texts },
    device: backend.answerer?.device ?? '',
  };
}

export async function plannedStore(items: number, k: number): Promise<MemoryStore> {
  const { newRun } = await planRun(
    {
      name: 'many items',
      sets: [setOf('bloodmnist', items)],
      itemsPerSet: items,
      kind: 'options',
      settings: {
        checkpointIds: [ROW.id],
        promptMode: 'direct',
        hint: null,
        sampler: { ...SAMPLER, k, temperature: 1, topP: 1, maxNewTokens: 8 },
        nulls: false,
      },
    },
    { runId: 'run', createdAt: '', signal: quiet.signal, onProgress: () => undefined },
  );
  return new MemoryStore(newRun);
}

function portsOf(backend: RemoteBackend, store: RunnerStore) {
  return {
    store,
    backend: () => backend,
    load: () => backend.load('auto', quiet),
    exclusively: async (_: string, work: () => Promise<void>) => {
      await work();
      return true;
    },
  };
}

/** Records are counted and not kept, as a database would hold them elsewhere: memory shall be that of the run. */
function tallied(store: MemoryStore, tally: Tally): RunnerStore {
  let kept: Parameters<RunnerStore['put']> | null = null;
  return {
    run: store.run,
    items: store.items,
    finished: store.finished,
    image: store.image,
    put: (at, record, figures, answerer) => {
      tally.add(record.itemId, record.sampler.seed, record.samples, record.greedy);
      kept ??= [at, { ...record, samples: [], greedy: null }, figures, answerer];
      const [, empty, first] = kept;
      return store.put(at, empty, first, answerer);
    },
  };
}

class Tally {
  records = 0;
  samples = 0;
  readonly wrong: string[] = [];
  readonly heap: number[] = [];
  readonly texts = new Map<string, string>();
  private readonly items = new Set<string>();

  constructor(
    private readonly servers: readonly OpenAiServer[],
    private readonly k: number,
    private readonly keepsTexts: boolean,
  ) {}

  add(itemId: string, seed: number, samples: readonly Sample[], greedy: Sample | null): void {
    this.records += 1;
    this.samples += samples.length;
    if (this.items.has(itemId)) this.wrong.push(`${itemId} is there twice`);
    this.items.add(itemId);
    if (greedy === null) this.wrong.push(`${itemId} has no greedy answer`);
    if (samples.some(({ index }, at) => index !== at) || samples.length !== this.k) {
      this.wrong.push(`${itemId} has not the draws that it asked for`);
    }
    for (const { index, text, served } of samples) {
      const wanted = drawSeed(seed, itemId, index);
      const choice = served?.choice ?? NaN;
      const isLogged = this.servers.some((server) => {
        // The server counts its requests in their ids.
        const entry = server.log[Number(served?.replyId?.replace('chatcmpl-', '')) - 1];
        return entry !== undefined && numberOf(entry.body, 'seed', NaN) + choice === wanted;
      });
      const key = `${itemId} ${String(index)}`;
      if (!isLogged) this.wrong.push(`${key} is not what the server sent for it`);
      if (this.keepsTexts) this.texts.set(key, text);
    }
  }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
