import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fixtureFolder } from '../../test/support/hub-contents.ts';
import { TEST_COMMIT, TEST_TOKEN, TestHub } from '../../test/support/hub.ts';
import { lookUpRepository, type HubQuery } from './hub-lookup.ts';
import type { HubFacts } from './hub-repository.ts';

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start({
    'test/smol': { folder: fixtureFolder('smolvlm') },
    'test/gemma-q4': { folder: fixtureFolder('gemma3-q4'), gated: true, license: 'gemma' },
    'test/unknown': {
      folder: fixtureFolder('smolvlm'),
      files: { 'config.json': '{"model_type": "llava"}' },
    },
    'test/pixels': {
      folder: fixtureFolder('smolvlm'),
      files: { 'preprocessor_config.json': '{"image_processor_type": "CLIPImageProcessor"}' },
    },
    // A LLaVA-OneVision with the fields that Python's image processor saves and no more.
    'test/one-tile': {
      folder: fixtureFolder('llava_onevision'),
      files: {
        'preprocessor_config.json':
          '{"image_processor_type": "LlavaOnevisionImageProcessor", "image_grid_pinpoints": [[384, 384]]}',
      },
    },
    'test/broken': { folder: fixtureFolder('smolvlm'), files: { 'config.json': '{"model_' } },
  });
});
beforeEach(() => {
  hub.setFaults([]);
});
afterAll(() => hub.close());

const lookUp = (repository: string, more: Partial<HubQuery> = {}): Promise<HubFacts> =>
  lookUpRepository({
    endpoint: hub.endpoint,
    repository,
    revision: 'main',
    token: null,
    signal: new AbortController().signal,
    ...more,
  });

test('a branch becomes a commit; sizes and data types are known; no weights are asked for', async () => {
  const { repository, dtypes } = await lookUp('test/smol');
  expect(repository).toMatchObject({
    repository: 'test/smol',
    revision: TEST_COMMIT,
    license: { id: 'apache-2.0' },
    isGated: false,
    modelType: 'smolvlm',
  });
  expect(dtypes.map(({ dtype }) => dtype)).toEqual(['fp32']);
  const sizes = Object.fromEntries(
    dtypes[0]?.manifest.files.map(({ path, sizeBytes }) => [path, sizeBytes]) ?? [],
  );
  expect(sizes).toMatchObject({
    'onnx/decoder_model_merged.onnx': 198_422,
    'onnx/embed_tokens.onnx': 38_725,
    'onnx/vision_encoder.onnx': 141_413,
  });
  // The tree has more files than one answer holds.
  expect(hub.requests.filter(({ path }) => path.includes('/tree/'))).toHaveLength(2);
  expect(hub.requests.filter(({ path }) => path.includes('.onnx'))).toEqual([]);
});

test('weights beside graphs belong to their data type', async () => {
  const { dtypes } = await lookUp('test/gemma-q4', { token: TEST_TOKEN });
  expect(dtypes.map(({ dtype }) => dtype)).toEqual(['q4']);
  expect(dtypes[0]?.manifest.files.map(({ path }) => path)).toContain(
    'onnx/vision_encoder_q4.onnx_data_1',
  );
});

test.each([
  ['test/unknown', 'CheckpointUnsupported', '“llava”'],
  ['test/pixels', 'CheckpointUnsupported', '“CLIPImageProcessor”'],
  ['test/one-tile', 'CheckpointUnsupported', 'one small picture'],
  ['test/broken', 'CheckpointInvalid', 'config.json'],
  ['test/nowhere', 'AccessDenied', 'none of this name'],
  ['test/gemma-q4', 'AccessDenied', 'give a token'],
])('%s is refused as %s before weights are asked for', async (repository, name, words) => {
  const refused = lookUp(repository);
  await expect(refused).rejects.toMatchObject({ name });
  await expect(refused).rejects.toThrow(words);
  expect(hub.requests.filter(({ path }) => path.includes('.onnx'))).toEqual([]);
});

test('a token goes to the hub and never to the store; a wrong one is not repeated in the error', async () => {
  await lookUp('test/gemma-q4', { token: TEST_TOKEN });
  expect(hub.requests.every(({ authorization }) => authorization === `Bearer ${TEST_TOKEN}`)).toBe(
    true,
  );
  const refused = lookUp('test/gemma-q4', { token: 'hf_wrong' });
  await expect(refused).rejects.toThrow('not allowed');
  await expect(refused).rejects.not.toThrow('hf_wrong');
});

test.each([
  [500, 'NetworkFailed'],
  [404, 'CheckpointMissing'],
] as const)('the hub’s %i is %s', async (status, name) => {
  hub.setFaults([{ path: 'revision/main', fault: { kind: 'status', status } }]);
  const refused = lookUp('test/smol');
  await expect(refused).rejects.toMatchObject({ name });
  // A look-up keeps no files, and must not say that it does.
  await expect(refused).rejects.not.toThrow('kept');
});

test('no hub at all is NetworkFailed, a stop is Cancelled', async () => {
  const nowhere = lookUp('test/smol', { endpoint: 'http://127.0.0.1:9/' });
  await expect(nowhere).rejects.toMatchObject({ name: 'NetworkFailed' });
  await expect(nowhere).rejects.toThrow(
    '127.0.0.1:9 could not be reached, and nothing was fetched',
  );
  const signal = AbortSignal.abort();
  await expect(lookUp('test/smol', { signal })).rejects.toMatchObject({ name: 'Cancelled' });
});
