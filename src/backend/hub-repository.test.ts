import { expect, test } from 'vitest';
import { HUB_ENDPOINT } from '../protocol/hub.ts';
import { choicesFor, type DeviceAbility } from './hub-dtypes.ts';
import { dtypesOf, parseRepository, readReference } from './hub-repository.ts';

const COMMIT = 'a'.repeat(40);
const SHA256 = 'b'.repeat(64);

const info = (more: object = {}): object => ({
  id: 'owner/name',
  sha: COMMIT,
  gated: false,
  tags: ['onnx', 'license:mit'],
  config: { model_type: 'idefics3' },
  ...more,
});

const plain = (path: string, size = 100): object => ({
  type: 'file',
  path,
  size,
  oid: 'c'.repeat(40),
});

const large = (path: string, size: number): object => ({
  ...plain(path, size),
  lfs: { oid: SHA256, size, pointerSize: 130 },
});

const SETTINGS = ['config.json', 'preprocessor_config.json', 'tokenizer.json'];
const graphs = (suffix: string, size: number): object[] =>
  ['vision_encoder', 'embed_tokens', 'decoder_model_merged'].map((session) =>
    large(`onnx/${session}${suffix}.onnx`, size),
  );

test('commit, licence, terms and hashes are read', () => {
  const tree = [
    { ...plain('onnx', 0), type: 'directory' },
    plain('config.json'),
    large('a.onnx', 9),
  ];
  const cardData = {
    license: 'other',
    license_name: 'hai-def',
    license_link: 'https://terms.test',
  };
  expect(parseRepository(info({ gated: 'manual', cardData }), tree)).toEqual({
    repository: 'owner/name',
    revision: COMMIT,
    license: { id: 'other', name: 'hai-def', address: 'https://terms.test' },
    isGated: true,
    modelType: 'idefics3',
    files: [
      { path: 'config.json', sizeBytes: 100, gitSha1: 'c'.repeat(40) },
      { path: 'a.onnx', sizeBytes: 9, sha256: SHA256 },
    ],
  });
  expect(parseRepository(info(), [])).toMatchObject({ license: { id: 'mit' }, isGated: false });
  expect(parseRepository(info({ tags: [], config: null }), [])).toMatchObject({
    license: null,
    modelType: null,
  });
});

test.each([
  ['no object', null, []],
  ['a branch in place of a commit', info({ sha: 'main' }), []],
  ['a tree that is none', info(), { error: 'no' }],
  ['a file without a size', info(), [{ type: 'file', path: 'x', oid: 'y' }]],
])('an answer with %s is named', (_, one, tree) => {
  expect(() => parseRepository(one, tree)).toThrow(
    expect.objectContaining({ name: 'CheckpointInvalid' }),
  );
});

test('a data type has the settings, its three graphs and the weights beside them, nothing else', () => {
  const tree = [
    ...SETTINGS.map((path) => plain(path)),
    plain('README.md'),
    plain('onnx/config.json'),
    large('model.safetensors', 10_000),
    ...graphs('', 4000),
    large('onnx/decoder_model_merged.onnx_data', 7000),
    large('onnx/decoder_model_merged.onnx_data_1', 500),
    ...graphs('_q4', 1000),
    large('onnx/vision_encoder_fp16.onnx', 2000),
  ];
  const dtypes = dtypesOf(parseRepository(info(), tree), 'vlm');
  expect(dtypes.map(({ dtype, sizeBytes }) => [dtype, sizeBytes])).toEqual([
    ['q4', 3300],
    ['fp32', 300 + 3 * 4000 + 7500],
  ]);
  expect(dtypes[0]?.manifest.revision).toBe(COMMIT);
  expect(dtypes[0]?.manifest.files.map(({ path }) => path)).toEqual([
    ...SETTINGS,
    'onnx/vision_encoder_q4.onnx',
    'onnx/embed_tokens_q4.onnx',
    'onnx/decoder_model_merged_q4.onnx',
  ]);
});

test.each([
  [
    'tokenizer.json',
    SETTINGS.slice(0, 2)
      .map((path) => plain(path))
      .concat(graphs('', 1)),
  ],
  ['onnx/embed_tokens.onnx', [...SETTINGS.map((path) => plain(path)), graphs('', 1)[0] ?? {}]],
  [
    'one data type for all',
    [
      ...SETTINGS.map((path) => plain(path)),
      ...graphs('_q4', 1).slice(0, 2),
      ...graphs('_fp16', 1).slice(2),
    ],
  ],
])('a repository without %s is refused with that name', (what, tree) => {
  const found = parseRepository(info(), tree);
  expect(() => dtypesOf(found, 'vlm')).toThrow(what);
});

test.each([
  ['  owner/name ', 'owner/name', 'main'],
  ['owner/name@v1.2', 'owner/name', 'v1.2'],
  ['https://huggingface.co/owner/na.me_1', 'owner/na.me_1', 'main'],
  ['https://huggingface.co/owner/name/tree/refs/pr/3/', 'owner/name', 'refs/pr/3'],
])('“%s” is a repository', (typed, repository, revision) => {
  expect(readReference(typed, HUB_ENDPOINT)).toEqual({ repository, revision });
});

test.each([
  '',
  'name',
  '../secret',
  'owner/..',
  'owner/a--b',
  'owner/name/other',
  'https://elsewhere.test/owner/name',
  'owner/name?x=1',
  'owner/name@',
  'owner/name@../..',
  'owner/name@a b',
])('“%s” is none', (typed) => {
  expect(() => readReference(typed, HUB_ENDPOINT)).toThrow('owner/name');
});

const dtypes = dtypesOf(
  parseRepository(info(), [
    ...SETTINGS.map((path) => plain(path)),
    ...graphs('_q4f16', 100),
    ...graphs('_q4', 150),
    ...graphs('_quantized', 160),
    ...graphs('_fp16', 300),
    ...graphs('', 600),
  ]),
  'vlm',
);
const device = (more: Partial<DeviceAbility>): DeviceAbility => ({
  kind: 'webgpu',
  hasHalfPrecision: true,
  limits: { tensorBytes: null, weightsBytes: null },
  memoryBytes: null,
  ...more,
});

test.each([
  ['q4f16', 'half precision', device({})],
  ['q4', 'no half precision', device({ hasHalfPrecision: false })],
  ['q4', 'wasm', device({ kind: 'wasm' })],
  ['q4f16', 'small buffers', device({ limits: { tensorBytes: 120, weightsBytes: null } })],
  [undefined, 'no room', device({ limits: { tensorBytes: 50, weightsBytes: null } })],
])('%s is recommended on a device with %s', (best, _, ability) => {
  const choices = choicesFor(dtypes, ability);
  expect(choices.filter(({ isRecommended }) => isRecommended).map((one) => one.dtype)).toEqual(
    best === undefined ? [] : [best],
  );
});

test('what does not run says why', () => {
  const refusals = (ability: DeviceAbility): object =>
    Object.fromEntries(choicesFor(dtypes, ability).map(({ dtype, refusal }) => [dtype, refusal]));
  expect(
    refusals(device({ kind: 'wasm', limits: { tensorBytes: null, weightsBytes: 1000 } })),
  ).toEqual({
    q4f16: 'half precision needs a graphics device',
    q4: null,
    q8: null,
    fp16: 'half precision needs a graphics device',
    fp32: 'its files take 0 MiB, and this device allows 0 MiB',
  });
  expect(refusals(device({ hasHalfPrecision: false }))).toMatchObject({
    q4f16: 'this graphics device does not compute in half precision',
    q8: 'eight-bit decoders answer wrongly on graphics devices',
    fp32: null,
  });
});

test('a machine with little memory is told so, and may try', () => {
  const cautions = choicesFor(dtypes, device({ memoryBytes: 2000 })).map(({ dtype, caution }) => [
    dtype,
    caution !== null,
  ]);
  expect(Object.fromEntries(cautions)).toEqual({
    q4f16: false,
    q4: false,
    q8: false,
    fp16: true,
    fp32: true,
  });
});
