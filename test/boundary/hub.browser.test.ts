/**
 * Checkpoints from a hub in a real worker and a real browser cache: redirects to another origin, a token,
 * downloads that break off, files that are not what is listed (test/support/hub.ts plays the hub).
 */

import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import { lookUpRepository } from '../../src/backend/hub-lookup.ts';
import type { HubFacts } from '../../src/backend/hub-repository.ts';
import { sessionDtypes } from '../../src/protocol/manifest.ts';
import { WorkerBackend } from '../../src/backend/worker-backend.ts';
import { hubCacheName } from '../../src/protocol/hub.ts';
import type { ManifestFile } from '../../src/protocol/manifest.ts';
import type { CheckpointSource, LoadProgress } from '../../src/protocol/vlm.ts';
import { architectureFixture } from '../support/architectures.ts';
import { collect, makeWorker } from '../support/backend.ts';
import { OPEN_SAMPLER } from '../support/engine.ts';
import type { FaultRule, LoggedRequest } from '../support/hub.ts';

const endpoint = inject('hubEndpoint');
const TOKEN = 'hf_test_token';
const DECODER = 'onnx/decoder_model_merged.onnx';
const calls = { signal: new AbortController().signal, onEvent: () => undefined };
let backends: WorkerBackend[] = [];

beforeEach(async () => {
  await setFaults([]);
  for (const name of await caches.keys()) {
    if (name.startsWith('supportlens-hub ')) await caches.delete(name);
  }
});
afterEach(() => {
  for (const backend of backends) backend.unload();
  backends = [];
});

async function setFaults(rules: readonly FaultRule[]): Promise<void> {
  await fetch(`${endpoint}control`, { method: 'POST', body: JSON.stringify(rules) });
}

async function requests(): Promise<readonly LoggedRequest[]> {
  return (await (await fetch(`${endpoint}control`)).json()) as readonly LoggedRequest[];
}

/** Files that were asked of the hub, by their path in the repository. */
async function askedFiles(): Promise<readonly string[]> {
  return (await requests())
    .filter(({ origin, path }) => origin === 'hub' && path.includes('/resolve/'))
    .map(({ path }) => path.replace(/^.*\/resolve\/[0-9a-f]+\//, ''));
}

const lookUp = (repository: string, token: string | null = null): Promise<HubFacts> =>
  lookUpRepository({
    endpoint,
    repository,
    revision: 'main',
    token,
    signal: new AbortController().signal,
  });

function backendOf(id: string, dtype: string, source: CheckpointSource): WorkerBackend {
  const [row] = BUILT_IN_CHECKPOINTS;
  if (!row) throw new Error('The table is empty.');
  const backend = new WorkerBackend(
    { ...row, id, dtype: sessionDtypes('vlm', dtype) },
    source,
    makeWorker,
  );
  backends.push(backend);
  return backend;
}

async function hubBackend(repository: string, token: string | null = null) {
  const { dtypes } = await lookUp(repository, token);
  const [choice] = dtypes;
  if (!choice) throw new Error('no data type');
  const { manifest } = choice;
  const source = { kind: 'hub', endpoint, repository, manifest, token } as const;
  const backend = backendOf(repository, choice.dtype, source);
  return { backend, source, place: { endpoint, repository, revision: manifest.revision } };
}

/** Most probable first tokens of the fixture's first image, with their log-probabilities. */
async function firstTokens(backend: WorkerBackend, architecture: string) {
  const { cases, prompt } = await architectureFixture(architecture);
  const [one] = cases;
  if (!one) throw new Error('no case');
  const { reply } = await collect(backend, {
    image: one.image,
    promptText: prompt,
    itemId: 'item',
    sampler: { ...OPEN_SAMPLER, k: 8, maxNewTokens: 3 },
    greedy: false,
    firstIndex: 0,
  });
  expect(reply.completed).toBe(true);
  return reply.firstTokens;
}

async function keptFiles(place: Parameters<typeof hubCacheName>[0]): Promise<readonly string[]> {
  const cache = await caches.open(hubCacheName(place));
  const keys = await cache.keys();
  return keys.map(({ url }) => new URL(url).pathname.replace(/^.*\/resolve\/[0-9a-f]+\//, ''));
}

test.each([
  ['test/smol', 'smolvlm', 'fp32', null],
  ['test/gemma-q4', 'gemma3-q4', 'q4', TOKEN],
])('%s answers as from the folder, and once kept it is not fetched again', async (...given) => {
  const [repository, architecture, dtype, token] = given;
  const { backend, place } = await hubBackend(repository, token);
  const answerer = await backend.load('wasm', calls);
  expect(answerer.revision).toBe(place.revision);
  const modelsUrl = new URL('/test/fixtures/architectures/', location.href).href;
  const local = backendOf(architecture, dtype, { kind: 'folder', modelsUrl });
  await local.load('wasm', calls);
  const found = await firstTokens(backend, architecture);
  expect(found.length).toBeGreaterThan(8);
  expect(found).toEqual(await firstTokens(local, architecture));

  const large = (await requests()).filter(({ origin }) => origin === 'store');
  expect(large.length).toBeGreaterThan(3);
  expect(large.every(({ authorization }) => authorization === null)).toBe(true);

  await setFaults([]);
  await backend.load('wasm', calls);
  expect(await requests()).toEqual([]);
  expect(await firstTokens(backend, architecture)).toEqual(found);
});

test('a download cut at 60 % goes on with the files that are complete', async () => {
  const { backend, place, source } = await hubBackend('test/smol');
  await setFaults([{ path: DECODER, fault: { kind: 'cut', share: 0.6 } }]);
  await expect(backend.load('wasm', calls)).rejects.toMatchObject({ name: 'NetworkFailed' });
  const kept = await keptFiles(place);
  expect(kept).toContain('config.json');
  expect(kept).not.toContain(DECODER);
  await setFaults([]);
  await backend.load('wasm', calls);
  const asked = await askedFiles();
  expect(asked).toContain(DECODER);
  expect(asked.filter((path) => kept.includes(path))).toEqual([]);
  const graphs = source.manifest.files.filter(({ path }) => path.startsWith('onnx/'));
  expect(graphs).toHaveLength(3);
  expect([...kept, ...asked]).toEqual(expect.arrayContaining(graphs.map(({ path }) => path)));
});

test('a file with another checksum is refused and not kept', async () => {
  const { backend, place } = await hubBackend('test/smol');
  await setFaults([{ path: DECODER, fault: { kind: 'damaged' } }]);
  const refused = backend.load('wasm', calls);
  await expect(refused).rejects.toMatchObject({ name: 'CheckpointInvalid' });
  await expect(refused).rejects.toThrow('checksum');
  expect(await keptFiles(place)).not.toContain(DECODER);
});

test('cancelling keeps complete files only', async () => {
  const { backend, place, source } = await hubBackend('test/smol');
  await setFaults([{ path: DECODER, fault: { kind: 'stall', share: 0.5 } }]);
  const abort = new AbortController();
  const load = backend.load('wasm', { ...calls, signal: abort.signal });
  const cancelled = expect(load).rejects.toMatchObject({ name: 'Cancelled' });
  await expect.poll(askedFiles, { timeout: 60_000 }).toContain(DECODER);
  abort.abort();
  await cancelled;
  const cache = await caches.open(hubCacheName(place));
  const kept = await keptFiles(place);
  expect(kept).not.toContain(DECODER);
  const sizeOf = (path: string): number | undefined =>
    source.manifest.files.find((file: ManifestFile) => file.path === path)?.sizeBytes;
  for (const [at, key] of (await cache.keys()).entries()) {
    const content = await (await cache.match(key))?.arrayBuffer();
    expect(content?.byteLength).toBe(sizeOf(kept[at] ?? ''));
  }
});

test('a gated repository wants a token, and loads with one', async () => {
  await expect(lookUp('test/gemma-q4')).rejects.toMatchObject({ name: 'AccessDenied' });
  const { source } = await hubBackend('test/gemma-q4', TOKEN);
  const locked = backendOf('test/gemma-q4', 'q4', { ...source, token: null });
  await expect(locked.load('wasm', calls)).rejects.toMatchObject({ name: 'AccessDenied' });
});

test('a hub that asks to wait is waited for, the page is told, and Stop is heard', async () => {
  const { backend } = await hubBackend('test/smol');
  await setFaults([{ path: DECODER, fault: { kind: 'status', status: 429, retryAfter: '60' } }]);
  const abort = new AbortController();
  const waits: LoadProgress[] = [];
  const load = backend.load('wasm', {
    signal: abort.signal,
    onEvent: (progress) => {
      if (progress.waitingMs === undefined) return;
      waits.push(progress);
      abort.abort();
    },
  });
  await expect(load).rejects.toMatchObject({ name: 'Cancelled' });
  // The header is not readable across origins: the usual wait takes its place.
  expect(waits[0]?.waitingMs).toBe(10_000);
});

test('an unknown architecture is refused without a request for weights', async () => {
  await expect(lookUp('test/unknown')).rejects.toMatchObject({ name: 'CheckpointUnsupported' });
  const { source } = await hubBackend('test/smol');
  const config = { path: 'config.json', sizeBytes: '{"model_type": "llava"}'.length };
  const others = source.manifest.files.filter(({ path }) => path !== 'config.json');
  const manifest = { ...source.manifest, files: [...others, config] };
  const asked = { ...source, repository: 'test/unknown', manifest };
  const backend = backendOf('test/unknown', 'fp32', asked);
  await expect(backend.load('wasm', calls)).rejects.toMatchObject({
    name: 'CheckpointUnsupported',
  });
  // Of this repository: what a test before this one cancelled may still arrive at the store.
  const own = (await requests()).filter(({ path }) => path.includes('/test/unknown/'));
  expect(own.map(({ path }) => path.split('/').at(-1))).toContain('config.json');
  expect(own.filter(({ path }) => path.includes('.onnx'))).toEqual([]);
});
