/** What is found out of servers of many kinds. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import {
  ask,
  backendAt,
  indexes,
  loader,
  quiet,
  requestOf,
  texts,
  upTo,
} from '../../../test/support/remote-bench.ts';
import { OriginGate } from './origin-gate.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});
const loaded = loader(() => server);

const KEY = 'sk-test-0123456789abcdef';

test('what vLLM does is found by what it changes', async () => {
  const backend = await loaded();
  const found = backend.capabilities;
  expect(found).toMatchObject({
    kind: 'vllm',
    ...{ n: { has: 'yes' }, seed: { has: 'yes' }, logProbs: { has: 'yes' }, topK: { has: 'yes' } },
    ...{ minP: { has: 'yes' }, streaming: { has: 'yes' }, tokenIds: { has: 'yes' } },
    logProbKind: 'model',
    topLogProbs: 8,
  });
  expect(backend.answerer).toEqual({
    checkpointId: 'toy',
    revision: 'toy-7b, /models/toy',
    stage: 'rl',
    dtype: 'as served',
    device: `server (${server.address.host})`,
  });
});

test.each([
  ['n', { n: 'ignores' }, { n: { has: 'no' } }],
  ['n', { n: 'refuses' }, { n: { has: 'no' } }],
  ['seed', { seed: 'ignores' }, { seed: { has: 'no' } }],
  [
    'seed',
    { seed: 'refuses' },
    { seed: { has: 'no' }, topK: { has: 'yes' }, minP: { has: 'yes' } },
  ],
  ['logprobs', { logprobs: 'ignores' }, { logProbs: { has: 'no' }, topLogProbs: 0 }],
  ['logprobs', { logprobs: 'refuses' }, { logProbs: { has: 'no' }, logProbKind: 'unknown' }],
  ['fewer alternatives', { mostListed: 5 }, { logProbs: { has: 'yes' }, topLogProbs: 5 }],
  ['tempered', { logProbsOf: 'tempered' }, { logProbKind: 'tempered' }],
  ['top_k', { topK: 'ignores' }, { topK: { has: 'no' } }],
  ['top_k', { topK: 'refuses', owner: 'someone' }, { topK: { has: 'no' }, kind: 'other' }],
  ['min_p', { minP: 'ignores' }, { minP: { has: 'no' } }],
  [
    'min_p',
    { minP: 'refuses' },
    { minP: { has: 'no' }, topK: { has: 'yes' }, seed: { has: 'yes' } },
  ],
  ['stream', { stream: 'refuses' }, { streaming: { has: 'no' } }],
  ['token ids', { tokenIds: 'ignores' }, { tokenIds: { has: 'no' } }],
] as const)('a server otherwise: %s, %o', async (_, profile, expected) => {
  const backend = await loaded(profile);
  expect(backend.capabilities).toMatchObject(expected);
  const { samples, error } = await ask(backend, requestOf());
  expect(error).toBeNull();
  expect(indexes(samples)).toEqual(upTo(8));
});

test('transformers serve is known by its refusals, and given its knobs as a generation config', async () => {
  // As 5.18 does: words of OpenAI's that it has not are dropped, others refused.
  const lacking = { n: 'ignores', logprobs: 'ignores', tokenIds: 'refuses' } as const;
  const backend = await loaded({ owner: 'toy', isTransformers: true, ...lacking });
  expect(backend.capabilities).toMatchObject({
    kind: 'transformers',
    ...{ n: { has: 'no' }, logProbs: { has: 'no' }, tokenIds: { has: 'no' } },
    ...{
      seed: { has: 'yes' },
      topK: { has: 'yes' },
      minP: { has: 'yes' },
      streaming: { has: 'yes' },
    },
  });
  const { samples } = await ask(backend, requestOf({ topK: 3 }));
  expect(new Set(texts(samples)).size).toBeGreaterThan(1);
  const [{ body } = { body: {} as Record<string, unknown> }] = server.chats;
  expect(JSON.parse(String(body['generation_config']))).toEqual({
    ...{ do_sample: true, temperature: 1, top_k: 3, top_p: 1, max_new_tokens: 8 },
    repetition_penalty: 1,
  });
});

test('a server without a list of models is asked all the same', async () => {
  const backend = await loaded({ isTransformers: true, listsModels: false, tokenIds: 'refuses' });
  expect(backend.answerer?.revision).toBe('toy-7b');
  expect(backend.capabilities?.kind).toBe('transformers');
});

test('what was not known and is refused in use is given up, one after the other', async () => {
  // Text that never varies tells nothing of seeds and filters.
  const backend = await loaded({ owner: 'someone', neverVaries: true });
  expect(backend.capabilities).toMatchObject({
    seed: { has: 'unknown' },
    topK: { has: 'unknown' },
  });
  server.profile = { ...server.profile, seed: 'refuses' };
  const { samples, error } = await ask(backend, requestOf({ k: 3 }));
  expect(error).toBeNull();
  expect(indexes(samples)).toEqual([0, 1, 2]);
  expect(samples.every(({ served }) => served?.path === 'unseeded')).toBe(true);
  expect(backend.capabilities?.seed).toMatchObject({ has: 'no' });
  expect(backend.capabilities?.seed.reason).toContain('Unrecognized request argument: seed');
});

test('a model that is not there, or takes no images, is named', async () => {
  const gate = new OriginGate();
  gate.add(server.address, null);
  const absent = backendAt(server.address, gate, 'other-7b');
  await expect(absent.load('auto', quiet)).rejects.toMatchObject({
    name: 'CheckpointMissing',
    message: expect.stringContaining('It has: toy-7b.') as string,
  });
  server.reset({ takesImages: false });
  const blind = backendAt(server.address, gate);
  await expect(blind.load('auto', quiet)).rejects.toMatchObject({ name: 'CheckpointUnsupported' });
});

test('a server that is not there is named, with what may keep the page from it', async () => {
  const gone = await OpenAiServer.start();
  const { address } = gone;
  await gone.stop();
  const gate = new OriginGate();
  gate.add(address, KEY);
  const backend = backendAt(address, gate);
  const error = await backend.load('auto', quiet).catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ name: 'NetworkFailed' });
  expect((error as Error).message).toContain('--enable-cors');
  expect(JSON.stringify(error)).not.toContain(KEY);
});
