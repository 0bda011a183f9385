/** Samples of a server: how they are asked for, and what they state. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TOY_MODEL } from '../../../test/support/openai-profile.ts';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import { ask, indexes, loader, requestOf, texts } from '../../../test/support/remote-bench.ts';
import { tokenCount, totalModelLogProb } from '../../core/sample-facts.ts';
import type { Sample } from '../../core/types.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});
const loaded = loader(() => server);

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

test('a filter that the server does not do is refused before anything is sent', async () => {
  const backend = await loaded({ topK: 'ignores' });
  const { error } = await ask(backend, requestOf({ topK: 5 }));
  expect(error).toMatchObject({ name: 'SamplerInvalid' });
  expect(error?.message).toContain('Top-k is on');
  expect(server.chats).toHaveLength(0);
});
