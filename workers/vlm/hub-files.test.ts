import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lookUpRepository } from '../../src/backend/hub-lookup.ts';
import { retryAfterMs } from '../../src/protocol/hub-request.ts';
import type { Manifest } from '../../src/protocol/manifest.ts';
import type { LoadProgress } from '../../src/protocol/vlm.ts';
import { fixtureFolder, type Fault } from '../../test/support/hub-contents.ts';
import { TEST_TOKEN, TestHub } from '../../test/support/hub.ts';
import { ProgressMeter } from './checkpoint-files.ts';
import { requireRunnable } from './checkpoint-source.ts';
import { HubFiles } from './hub-files.ts';
import { memoryStore, requireRoom, type HubStore } from './hub-store.ts';

const STALL_MS = 300;
const DECODER = 'onnx/decoder_model_merged.onnx';
const UNKNOWN = '{"model_type": "llava"}';
const GRAPHS = ['onnx/vision_encoder.onnx', 'onnx/embed_tokens.onnx', DECODER];

let hub: TestHub;
let manifest: Manifest;
beforeAll(async () => {
  hub = await TestHub.start({
    'test/smol': { folder: fixtureFolder('smolvlm'), gated: true },
    'test/unknown': {
      folder: fixtureFolder('smolvlm'),
      files: { 'config.json': UNKNOWN },
    },
  });
  manifest = (await lookUp('test/smol')).manifest;
});
beforeEach(() => {
  hub.setFaults([]);
});
afterAll(() => hub.close());

async function lookUp(repository: string) {
  const { dtypes } = await lookUpRepository({
    endpoint: hub.endpoint,
    repository,
    revision: 'main',
    token: TEST_TOKEN,
    signal: new AbortController().signal,
  });
  const [first] = dtypes;
  if (!first) throw new Error('no data type');
  return first;
}

interface Load {
  readonly files: HubFiles;
  readonly progress: LoadProgress[];
  readonly abort: AbortController;
}

function newLoad(
  store: HubStore,
  more: { token?: string | null; repository?: string; list?: Manifest } = {},
): Load {
  const { token = TEST_TOKEN, repository = 'test/smol', list = manifest } = more;
  const progress: LoadProgress[] = [];
  const abort = new AbortController();
  const source = {
    kind: 'hub',
    endpoint: hub.endpoint,
    repository,
    manifest: list,
    token,
  } as const;
  const meter = new ProgressMeter((one) => progress.push(one));
  const files = new HubFiles(source, store, meter, abort.signal, STALL_MS);
  return { files, progress, abort };
}

/** As a load does: the settings, then all graphs at once. */
async function fetchAll(files: HubFiles): Promise<ArrayBuffer[]> {
  await files.fetchSettings();
  return Promise.all(
    GRAPHS.map(async (path) => (await files.fetch(`${files.folderUrl}${path}`)).arrayBuffer()),
  );
}

test('files come whole from the second origin, without the token, and are counted', async () => {
  const { files, progress } = newLoad(memoryStore());
  const contents = await fetchAll(files);
  const sizes = GRAPHS.map((path) => manifest.files.find((one) => one.path === path)?.sizeBytes);
  expect(contents.map(({ byteLength }) => byteLength)).toEqual(sizes);
  const total = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  expect(progress[0]?.totalBytes).toBe(total);
  expect(progress.at(-1)?.loadedBytes).toBe(total);
  const large = hub.requests.filter(({ origin }) => origin === 'store');
  // The graphs and tokenizer.json.
  expect(large).toHaveLength(4);
  expect(large.every(({ authorization }) => authorization === null)).toBe(true);
  expect(files.failure).toBeNull();
});

test('a file that is asked for twice at once is fetched once; what is not listed is not asked for', async () => {
  const { files } = newLoad(memoryStore());
  const address = `${files.folderUrl}config.json`;
  const [one, two] = await Promise.all([files.fetch(address), files.fetch(address)]);
  expect(await one.text()).toBe(await two.text());
  expect((await files.fetch(`${files.folderUrl}self-check.json`)).status).toBe(404);
  expect((await files.fetch('https://elsewhere.test/config.json')).status).toBe(404);
  expect(hub.asked()).toEqual(['config.json']);
});

test.each<[string, Fault, string, string]>([
  ['cut at 60 %', { kind: 'cut', share: 0.6 }, 'NetworkFailed', 'broke off'],
  ['silent', { kind: 'stall', share: 0.6 }, 'NetworkFailed', 'Nothing of onnx/decoder'],
  ['short', { kind: 'resized', missing: 10 }, 'CheckpointInvalid', '198412 of 198422'],
  ['too long', { kind: 'resized', missing: -10 }, 'CheckpointInvalid', 'more than 198422'],
  ['damaged', { kind: 'damaged' }, 'CheckpointInvalid', 'checksum'],
  ['refused', { kind: 'status', status: 503 }, 'NetworkFailed', '503'],
])(
  '%s: named, not kept, and the next load fetches that file only',
  async (_, fault, name, words) => {
    const store = memoryStore();
    hub.setFaults([{ path: DECODER, fault }]);
    const broken = newLoad(store);
    const failing = fetchAll(broken.files);
    await expect(failing).rejects.toMatchObject({ name });
    await expect(failing).rejects.toThrow(words);
    // The other two are complete by now or will be.
    const others = GRAPHS.slice(0, 2).map((path) =>
      broken.files.fetch(broken.files.folderUrl + path),
    );
    await Promise.all(others);
    expect(broken.files.failure).toMatchObject({ name });
    const decoder = manifest.files.find(({ path }) => path === DECODER);
    if (!decoder) throw new Error('no decoder');
    expect(await store.get(decoder)).toBeUndefined();

    hub.setFaults([]);
    const again = newLoad(store);
    await fetchAll(again.files);
    expect(hub.asked()).toEqual([DECODER]);
    expect(again.progress.at(-1)?.loadedBytes).toBe(again.progress.at(-1)?.totalBytes);
  },
);

test('small files are checked by git’s hash', async () => {
  hub.setFaults([{ path: 'config.json', fault: { kind: 'damaged' } }]);
  const { files } = newLoad(memoryStore());
  await expect(files.fetch(`${files.folderUrl}config.json`)).rejects.toThrow('checksum');
});

test('cancelling stops at once and leaves nothing partial', async () => {
  const store = memoryStore();
  hub.setFaults([{ path: DECODER, fault: { kind: 'stall', share: 0.5 } }]);
  const { files, progress, abort } = newLoad(store);
  const load = files.fetch(files.folderUrl + DECODER);
  while (progress.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort();
  await expect(load).rejects.toMatchObject({ name: 'Cancelled' });
  expect(await newLoad(store).files.missingBytes()).toBe(
    manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
});

test('429 is waited for once, and said', async () => {
  const fault = { kind: 'status', status: 429, retryAfter: '1' } as const;
  hub.setFaults([{ path: DECODER, fault, times: 1 }]);
  const { files, progress } = newLoad(memoryStore());
  const startedAt = performance.now();
  await files.fetch(files.folderUrl + DECODER);
  expect(performance.now() - startedAt).toBeGreaterThan(900);
  expect(progress[0]?.waitingMs).toBe(1000);
  expect(progress.at(-1)?.waitingMs).toBeUndefined();
  expect(hub.asked()).toEqual([DECODER, DECODER]);
});

test('a second 429 and a long wait are told', async () => {
  const again = { kind: 'status', status: 429, retryAfter: '0' } as const;
  hub.setFaults([{ path: DECODER, fault: again }]);
  const { files } = newLoad(memoryStore());
  await expect(files.fetch(files.folderUrl + DECODER)).rejects.toThrow('wait again');
  hub.setFaults([{ path: DECODER, fault: { ...again, retryAfter: '3600' } }]);
  const later = newLoad(memoryStore()).files;
  await expect(later.fetch(files.folderUrl + DECODER)).rejects.toThrow('60 minutes');
});

test('Retry-After is seconds, a date, or missing', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(retryAfterMs('7', now)).toBe(7000);
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs(null, now)).toBe(10_000);
  expect(retryAfterMs('soon', now)).toBe(10_000);
});

test('a gated repository without a token says so, with one it loads', async () => {
  const { files } = newLoad(memoryStore(), { token: null });
  const refused = files.fetch(files.folderUrl + DECODER);
  await expect(refused).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(refused).rejects.toThrow(`${hub.endpoint}test/smol`);
  expect((await newLoad(memoryStore()).files.fetch(files.folderUrl + DECODER)).ok).toBe(true);
});

test('an unknown architecture and a missing graph are refused without a request for weights', async () => {
  const config = { path: 'config.json', sizeBytes: UNKNOWN.length };
  const unknown = { ...manifest, files: [...manifest.files, config] };
  const { files } = newLoad(memoryStore(), { repository: 'test/unknown', list: unknown });
  const refused = requireRunnable(files, unknown, 'fp32');
  await expect(refused).rejects.toMatchObject({ name: 'CheckpointUnsupported' });
  await expect(requireRunnable(files, manifest, 'q4')).rejects.toMatchObject({
    name: 'CheckpointMissing',
  });
  expect(hub.requests.filter(({ path }) => path.includes('.onnx'))).toEqual([]);
});

test('a full store is told before the start', async () => {
  const store = { ...memoryStore(), freeBytes: () => Promise.resolve(100_000) };
  const missing = await newLoad(store).files.missingBytes();
  await expect(requireRoom(store, missing)).rejects.toMatchObject({ name: 'StorageFull' });
  await expect(requireRoom(store, 100_000)).resolves.toBeUndefined();
  expect(hub.requests).toEqual([]);
});
