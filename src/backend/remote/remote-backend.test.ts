import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  OpenAiServer,
  TOY_MODEL,
  type Fault,
  type ServerProfile,
} from '../../../test/support/openai-server.ts';
import { boundOf } from '../../core/answer-bounds.ts';
import { BLOOD_QUESTION, SAMPLER } from '../../core/record-fixture.ts';
import { tokenCount, totalModelLogProb } from '../../core/sample-facts.ts';
import type { Sample, SamplerSettings } from '../../core/types.ts';
import type { AnswerRequest } from '../../protocol/vlm.ts';
import type { CheckpointRow } from '../answer-backend.ts';
import { OriginGate } from './origin-gate.ts';
import { RemoteBackend, USUAL_SETTINGS, type RemoteSettings } from './remote-backend.ts';

const ROW: CheckpointRow = {
  id: 'toy',
  name: 'Toy 7B',
  stage: 'rl',
  parent: null,
  about: 'a scripted server',
  license: 'MIT',
  dtype: {},
  trainedOn: null,
  rlOn: null,
};

const IMAGE = { width: 2, height: 2, data: new Uint8Array(12).fill(90) };
const SETTINGS: RemoteSettings = {
  ...USUAL_SETTINGS,
  retries: { attempts: 4, firstWaitMs: 5, longestWaitMs: 5_000 },
  patience: { first: 400, between: 300, whole: 2_000 },
};

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});

const quiet = { signal: new AbortController().signal, onEvent: () => undefined };

async function loaded(
  profile: Partial<ServerProfile> = {},
  settings: Partial<RemoteSettings> = {},
  key: string | null = null,
): Promise<RemoteBackend> {
  server.reset(profile);
  const gate = new OriginGate();
  gate.add(server.address, key);
  const all = { ...SETTINGS, ...settings };
  const backend = new RemoteBackend(ROW, TOY_MODEL, server.address, gate, all);
  await backend.load('auto', quiet);
  server.log = [];
  return backend;
}

function requestOf(sampler: Partial<SamplerSettings> = {}, greedy = false): AnswerRequest {
  return {
    image: IMAGE,
    promptText: 'Which cell is this?',
    itemId: 'bloodmnist/test/3',
    sampler: { ...SAMPLER, k: 8, temperature: 1, topP: 1, maxNewTokens: 8, ...sampler },
    greedy,
    firstIndex: 0,
  };
}

async function ask(
  backend: RemoteBackend,
  request: AnswerRequest,
  onSample: (samples: readonly Sample[]) => void = () => undefined,
  signal = quiet.signal,
) {
  const samples: Sample[] = [];
  let greedy: Sample | null = null;
  const outcome = await backend
    .answer(request, {
      signal,
      onEvent: (event) => {
        if (event.type === 'greedy') greedy = event.sample;
        if (event.type !== 'samples') return;
        samples.push(...event.samples);
        onSample(samples);
      },
    })
    .then(
      (reply) => ({ reply, error: null }),
      (error: unknown) => ({ reply: null, error: error as Error }),
    );
  samples.sort((a, b) => a.index - b.index);
  return { samples, greedy: greedy as Sample | null, ...outcome };
}

const indexes = (samples: readonly Sample[]): number[] => samples.map(({ index }) => index);
const upTo = (k: number): number[] => Array.from({ length: k }, (_, index) => index);
const texts = (samples: readonly Sample[]): string[] => samples.map(({ text }) => text);
const answersSent = (): number => server.chats.reduce((sum, { sent }) => sum + sent, 0);

/** The n-th request has the fault. */
const faultOf =
  (fault: Fault, ...numbers: readonly number[]) =>
  (number: number): Fault | null =>
    numbers.includes(number) ? fault : null;

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

test('K answers come from one request where n works, and are the same draws one by one', async () => {
  const several = await ask(await loaded(), requestOf());
  expect(server.chats).toHaveLength(1);
  expect(several.samples.every(({ served }) => served?.path === 'several')).toBe(true);
  const single = await ask(await loaded({ n: 'refuses' }), requestOf());
  expect(server.chats).toHaveLength(8);
  expect(single.samples.every(({ served }) => served?.path === 'seeded')).toBe(true);
  expect(texts(single.samples)).toEqual(texts(several.samples));
  expect(new Set(texts(several.samples)).size).toBeGreaterThan(1);
});

test('a run that goes on draws what it would have drawn at once', async () => {
  const backend = await loaded({}, { answersAtOnce: 3 });
  const whole = await ask(backend, requestOf());
  const later = await ask(backend, { ...requestOf(), firstIndex: 5 });
  expect(indexes(later.samples)).toEqual([5, 6, 7]);
  expect(texts(later.samples)).toEqual(texts(whole.samples).slice(5));
});

test('a sample says what was sent and states tokens, ids and log-probabilities', async () => {
  const backend = await loaded();
  const { samples, greedy } = await ask(backend, requestOf({}, true));
  const [sample] = samples;
  expect(sample?.tokenIds).toHaveLength(sample?.tokenTexts.length ?? 0);
  expect(sample?.tokenTexts.join('')).toBe(sample?.text);
  // At T = 1 without filters the policy is the model.
  expect(sample?.logProbs).toEqual(sample?.modelLogProbs);
  expect(sample?.served?.missing).toEqual({
    ...{ tokens: null, tokenIds: null, logProbs: null, modelLogProbs: null },
  });
  expect(JSON.parse(sample?.served?.sent ?? '')).toMatchObject({
    ...{ model: TOY_MODEL, n: 8, temperature: 1, top_p: 1, top_k: -1, min_p: 0, max_tokens: 8 },
    ...{ stop: ['</answer>'], repetition_penalty: 1, stream: true },
  });
  expect(sample?.served?.sent).not.toContain('messages');
  expect(greedy).toMatchObject({ text: '<answer>A</answer>', finishReason: 'answer-closed' });
  expect(greedy?.served?.path).toBe('greedy');
  expect(totalModelLogProb(greedy ?? (samples[0] as Sample))).toBeCloseTo(Math.log(0.9 * 0.5), 9);
});

test.each([
  ['model', { temperature: 0.5 }, { logProbs: false, modelLogProbs: true }],
  ['model', { topP: 0.9 }, { logProbs: false, modelLogProbs: true }],
  ['tempered', { temperature: 0.5 }, { logProbs: true, modelLogProbs: false }],
  ['tempered', { temperature: 0.5, topP: 0.9 }, { logProbs: false, modelLogProbs: false }],
] as const)('log-probabilities of kind %s at %o', async (logProbsOf, sampler, known) => {
  const { samples } = await ask(await loaded({ logProbsOf }), requestOf(sampler));
  for (const { logProbs, modelLogProbs, served } of samples) {
    expect({ logProbs: logProbs !== null, modelLogProbs: modelLogProbs !== null }).toEqual(known);
    expect(served?.missing.logProbs === null).toBe(known.logProbs);
    expect(served?.missing.modelLogProbs === null).toBe(known.modelLogProbs);
  }
});

test('without log-probabilities they are null with the reason, and words stand for tokens', async () => {
  const backend = await loaded({ logprobs: 'refuses', n: 'refuses' });
  const { samples } = await ask(backend, requestOf());
  const [sample] = samples as [Sample];
  expect(sample).toMatchObject({ tokenIds: null, logProbs: null, modelLogProbs: null });
  expect(sample.tokenTexts.join('')).toBe(sample.text);
  expect(sample.served?.missing.logProbs).toContain('no log-probabilities');
  // One answer in the request: the server's count is that of this answer.
  expect(tokenCount(sample)).toBe(3);
});

test('an answer that goes on behind its closing tag ends there', async () => {
  const backend = await loaded({ owner: 'llamacpp', stops: false });
  expect(backend.capabilities?.kind).toBe('llama.cpp');
  const { samples } = await ask(backend, requestOf());
  expect(server.chats.every(({ body }) => !('stop' in body))).toBe(true);
  const closed = samples.filter(({ text }) => text.includes('</answer>'));
  expect(closed.length).toBeGreaterThan(0);
  for (const { tokenTexts, finishReason } of closed) {
    expect(tokenTexts.at(-1)).toBe('</answer>');
    expect(finishReason).toBe('answer-closed');
  }
});

test.each(['model', 'tempered'] as const)(
  'the options of a direct answer from what is listed beside a few tokens (%s)',
  async (logProbsOf) => {
    const backend = await loaded({ logProbsOf, mostListed: 5 });
    const { sampler, ...request } = requestOf({ k: 12, temperature: 0.5, topP: 0.99 });
    const asked = {
      ...request,
      sampler,
      question: BLOOD_QUESTION,
      reading: 'first-letter',
    } as const;
    const { bounds, answers } = await backend.optionBounds(asked, quiet.signal);
    expect(answers).toBe(12);
    // P of A, B and C squared; D lies beyond the filter. Both openings lead to the letters.
    const sum = 0.5 ** 2 + 0.3 ** 2 + 0.12 ** 2;
    const opening = 0.9 ** 2 / (0.9 ** 2 + 0.1 ** 2);
    const lower = (letter: string) => boundOf(bounds, letter).lower;
    expect(lower('A')).toBeGreaterThanOrEqual((opening * 0.5 ** 2) / sum - 1e-4);
    expect(boundOf(bounds, 'A').upper).toBeGreaterThanOrEqual(0.5 ** 2 / sum - 1e-9);
    expect(lower('D')).toBe(0);
    expect(bounds.residual).toBeLessThan(0.05);
  },
);

test('a server that lists nothing has no such bounds', async () => {
  const backend = await loaded({ logprobs: 'refuses' });
  const { sampler, ...request } = requestOf();
  const asked = { ...request, sampler, question: BLOOD_QUESTION, reading: 'whole-text' } as const;
  await expect(backend.optionBounds(asked, quiet.signal)).rejects.toMatchObject({
    name: 'RequestRefused',
  });
});

test('a filter that the server does not do is refused before anything is sent', async () => {
  const backend = await loaded({ topK: 'ignores' });
  const { error } = await ask(backend, requestOf({ topK: 5 }));
  expect(error).toMatchObject({ name: 'SamplerInvalid' });
  expect(error?.message).toContain('Top-k is on');
  expect(server.chats).toHaveLength(0);
});

test.each([
  ['a stream cut after three answers', { type: 'cut', after: 3 }],
  ['a stream cut before the first', { type: 'cut', after: 0 }],
  ['duplicate choices', { type: 'duplicate' }],
  ['malformed JSON', { type: 'malformed' }],
  ['a page of a proxy', { type: 'page' }],
  ['a slow loris', { type: 'loris' }],
  ['silence', { type: 'silent' }],
  ['an error in the stream', { type: 'error-event' }],
  ['a failing server', { type: 'status', status: 503 }],
] as const)('%s: what came is kept, the rest asked again, nothing twice', async (_, fault) => {
  const backend = await loaded();
  server.faultAt = faultOf(fault, 0);
  const { samples, reply, error } = await ask(backend, requestOf());
  expect(error).toBeNull();
  expect(reply).toMatchObject({ completed: true, rows: 8 });
  expect(indexes(samples)).toEqual(upTo(8));
  expect(server.chats).toHaveLength(2);
  // The draws are those of a run without a fault.
  server.faultAt = () => null;
  expect(texts((await ask(backend, requestOf())).samples)).toEqual(texts(samples));
});

test('after a cut only what is missing is asked for', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'cut', after: 3 }, 0);
  await ask(backend, requestOf());
  expect(server.chats.map(({ body }) => body['n'])).toEqual([8, 5]);
  expect(answersSent()).toBe(8);
});

test('a whole reply that breaks off is asked again', async () => {
  const backend = await loaded({ stream: 'refuses' });
  server.faultAt = faultOf({ type: 'cut', after: 0 }, 0);
  const { samples } = await ask(backend, requestOf());
  expect(indexes(samples)).toEqual(upTo(8));
  expect(server.chats.map(({ sent }) => sent)).toEqual([0, 8]);
});

test('Retry-After is waited for', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'status', status: 429, retryAfter: '1' }, 0);
  const startedAt = performance.now();
  const { samples } = await ask(backend, requestOf());
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  expect(indexes(samples)).toEqual(upTo(8));
});

test('a wait that is too long is told', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'status', status: 429, retryAfter: '600' }, 0);
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'NetworkFailed' });
  expect(error?.message).toContain('10 minutes');
});

test('500 in a burst passes; without end it is named, and what came stays', async () => {
  const backend = await loaded({}, { answersAtOnce: 4, concurrency: 1 });
  server.faultAt = faultOf({ type: 'status', status: 500 }, 1, 2);
  expect(indexes((await ask(backend, requestOf())).samples)).toEqual(upTo(8));
  server.log = [];
  server.faultAt = (number) => (number === 0 ? null : { type: 'status', status: 500 });
  const { samples, error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'NetworkFailed' });
  expect(indexes(samples)).toEqual([0, 1, 2, 3]);
  expect(server.chats).toHaveLength(1 + SETTINGS.retries.attempts);
});

test('10 MB for a short answer is not read to its end, nor asked again', async () => {
  const backend = await loaded();
  server.faultAt = faultOf({ type: 'huge', bytes: 10_000_000 }, 0);
  const { error, samples } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'ReplyInvalid' });
  expect(samples).toEqual([]);
  expect(server.chats).toHaveLength(1);
});

test('an answer that was held back is an error, not a sample', async () => {
  const backend = await loaded({ stream: 'refuses' });
  server.faultAt = faultOf({ type: 'filtered' }, 0);
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'ReplyInvalid' });
  expect(error?.message).toContain('content_filter');
});

test('stopping keeps what is finished', async () => {
  const backend = await loaded({ n: 'refuses' }, { concurrency: 2 });
  const stop = new AbortController();
  const { samples, reply, error } = await ask(
    backend,
    requestOf(),
    (some) => {
      if (some.length === 3) stop.abort();
    },
    stop.signal,
  );
  expect(error).toBeNull();
  expect(reply).toMatchObject({ completed: false });
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect(samples.length).toBeLessThan(8);
});

test('no more requests at a time than allowed', async () => {
  const backend = await loaded({ n: 'refuses' }, { concurrency: 3 });
  let open = 0;
  let most = 0;
  server.faultAt = () => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => (open -= 1), 0);
    return null;
  };
  await ask(backend, requestOf({ k: 24 }));
  expect(server.chats).toHaveLength(24);
  expect(most).toBeLessThanOrEqual(3);
});

test('200 items with faults at 5 % of the requests: nothing lost, nothing twice', async () => {
  const backend = await loaded({}, { answersAtOnce: 4 });
  const faults: readonly Fault[] = [
    { type: 'status', status: 500 },
    { type: 'cut', after: 2 },
    { type: 'malformed' },
    { type: 'duplicate' },
    { type: 'status', status: 429, retryAfter: '0' },
  ];
  let injected = 0;
  server.faultAt = (number) => {
    if (number % 20 !== 7) return null;
    injected += 1;
    return faults[injected % faults.length] ?? null;
  };
  for (let item = 0; item < 200; item += 1) {
    const request = { ...requestOf({ k: 16 }), itemId: `bloodmnist/test/${String(item)}` };
    const { samples, error } = await ask(backend, request);
    expect(error).toBeNull();
    expect(indexes(samples)).toEqual(upTo(16));
    expect(
      new Set(samples.map(({ served }) => JSON.stringify([served?.replyId, served?.choice]))).size,
    ).toBe(16);
  }
  expect(injected).toBeGreaterThan(40);
  // By the server's log too: only what broke off with its connection was asked for again.
  const cuts = Math.ceil(injected / faults.length);
  expect(answersSent()).toBeGreaterThanOrEqual(200 * 16);
  expect(answersSent()).toBeLessThanOrEqual(200 * 16 + 2 * cuts);
});

const KEY = 'sk-test-0123456789abcdef';

test('a key goes along, and is in no error, sample or reply', async () => {
  const backend = await loaded({ key: KEY }, {}, KEY);
  expect(JSON.stringify(await ask(backend, requestOf({}, true)))).not.toContain(KEY);
  expect(server.chats.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(true);
  expect(server.log.every(({ path }) => !path.includes(KEY))).toBe(true);
  server.profile = { ...server.profile, key: 'another' };
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'AccessDenied' });
  expect(error?.message).toContain('[key]');
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    expect(`${at.message} ${at.stack ?? ''} ${JSON.stringify(at)}`).not.toContain(KEY);
  }
});

test('a request that is sent on to another origin is refused', async () => {
  const backend = await loaded({ key: KEY }, {}, KEY);
  const other = await OpenAiServer.start();
  server.faultAt = () => ({ type: 'redirect', to: `${other.address.baseUrl}chat/completions` });
  const { error } = await ask(backend, requestOf());
  expect(error).toMatchObject({ name: 'OriginRefused' });
  expect(other.log).toEqual([]);
  await other.stop();
});

test('an origin that was not added gets nothing', async () => {
  const backend = new RemoteBackend(ROW, TOY_MODEL, server.address, new OriginGate(), SETTINGS);
  await expect(backend.load('auto', quiet)).rejects.toMatchObject({ name: 'OriginRefused' });
  expect(server.log).toEqual([]);
});

test('a model that is not there, or takes no images, is named', async () => {
  const gate = new OriginGate();
  gate.add(server.address, null);
  const absent = new RemoteBackend(ROW, 'other-7b', server.address, gate, SETTINGS);
  await expect(absent.load('auto', quiet)).rejects.toMatchObject({
    name: 'CheckpointMissing',
    message: expect.stringContaining('It has: toy-7b.') as string,
  });
  server.reset({ takesImages: false });
  const blind = new RemoteBackend(ROW, TOY_MODEL, server.address, gate, SETTINGS);
  await expect(blind.load('auto', quiet)).rejects.toMatchObject({ name: 'CheckpointUnsupported' });
});

test('a server that is not there is named, with what may keep the page from it', async () => {
  const gone = await OpenAiServer.start();
  const { address } = gone;
  await gone.stop();
  const gate = new OriginGate();
  gate.add(address, KEY);
  const backend = new RemoteBackend(ROW, TOY_MODEL, address, gate, SETTINGS);
  const error = await backend.load('auto', quiet).catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ name: 'NetworkFailed' });
  expect((error as Error).message).toContain('--enable-cors');
  expect(JSON.stringify(error)).not.toContain(KEY);
});
