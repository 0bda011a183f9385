import { expect, test } from 'vitest';
import { BLOOD_QUESTION, recordOf, sampleOf, SAMPLER } from '../core/record-fixture.ts';
import type { Sample } from '../core/types.ts';
import { NamedError } from '../protocol/errors.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { FakeExact } from '../../test/support/fake-exact.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { originalTrace } from './edited-trace.ts';
import { DEFAULT_EXACT } from './exact-bounds.svelte.ts';
import { ExactTurn } from './exact-turn.svelte.ts';
import { RunResults } from './run-results.svelte.ts';
import { RunSession } from './run-session.svelte.ts';
import { TraceScore } from './trace-score.svelte.ts';

const noImages = () => Promise.resolve({ images: null, reason: 'No set.' } as const);

const item = {
  image: { width: 2, height: 3, data: new Uint8Array(18) },
  source: recordOf([]).image,
  question: BLOOD_QUESTION,
  promptMode: 'direct' as const,
  hint: null,
  nulls: false,
  sampler: { ...SAMPLER, maxNewTokens: 8 },
};

async function make() {
  const sft = new FakeBackend('sft', 'sft');
  const fake = new FakeExact();
  sft.textOf = () => 'pale nucleus <answer> B </answer>';
  sft.exact = { calls: fake, reason: null };
  const results = new RunResults();
  const now = (callback: () => void): void => {
    callback();
  };
  const session = new RunSession(new CheckpointChoice([sft], ['sft']), results, now, () => '');
  const turn = new ExactTurn(session);
  const traces = new TraceScore(results, session.checkpoints, turn);
  await session.run(item, 'auto', noImages);
  traces.edit('sft', 2);
  return { fake, sft, session, results, turn, traces };
}

/** A sample of these tokens. */
function tokensOf(tokenTexts: readonly string[], finishReason: Sample['finishReason']): Sample {
  const tokenIds = tokenTexts.map((_, position) => position + 7);
  return { ...sampleOf(''), tokenIds, tokenTexts, text: tokenTexts.join(''), finishReason };
}

test('a trace is the tokens up to and with the tag, or the text so far', () => {
  const whole = tokensOf(['a b', '<ans', 'wer>', 'B', '</answer>'], 'answer-closed');
  expect(originalTrace(whole)).toEqual({
    tokenIds: [7, 8, 9],
    text: 'a b<answer>',
    hasAnswerTag: true,
  });
  expect(originalTrace(tokensOf(['a', 'b', '<eos>'], 'end-of-sequence'))).toEqual({
    tokenIds: [7, 8],
    text: 'ab',
    hasAnswerTag: false,
  });
  expect(originalTrace(tokensOf(['a', 'b'], 'length')).tokenIds).toEqual([7, 8]);
});

test('the original is scored by its tokens, the edit as a text, and both are kept', async () => {
  const { fake, traces } = await make();
  const original = traces.open?.original;
  expect(original?.text).toBe(traces.text);
  traces.write('round nucleus <answer>');
  await traces.score(DEFAULT_EXACT);
  expect(fake.requests.map(({ prefix }) => prefix)).toEqual([
    original?.tokenIds,
    'round nucleus <answer>',
  ]);
  expect(traces.scored?.after).toMatchObject({ text: 'round nucleus <answer>', tokens: 3 });
  traces.write('another <answer>');
  await traces.score(DEFAULT_EXACT);
  // The original has not changed.
  expect(fake.requests).toHaveLength(3);
  // The run's own tree stays at hand for the sliders.
  expect(fake.requests.some((request) => request.keepAs !== undefined)).toBe(false);
  expect(traces.scored?.after.tokens).toBe(2);
});

test('an unchanged text keeps its tokens', async () => {
  const { fake, traces } = await make();
  await traces.score(DEFAULT_EXACT);
  expect(fake.requests[1]?.prefix).toEqual(traces.open?.original.tokenIds);
});

test.each([
  ['  ', /empty/],
  ['x </answer>', /closes the answer already/],
  ['x'.repeat(16 * 8 + 1), /longer than the run's limit of 8 tokens/],
])('%j is refused at the field and not sent', async (text, message) => {
  const { fake, traces } = await make();
  traces.write(text);
  expect(traces.problem).toMatch(message);
  await traces.score(DEFAULT_EXACT);
  expect(fake.requests).toEqual([]);
});

test('a text without room for an answer says how long it is, until it is changed', async () => {
  const { traces } = await make();
  traces.write('1 2 3 4 5 6 7 8');
  await traces.score(DEFAULT_EXACT);
  expect(traces.problem).toMatch(/has 8 tokens; the run's limit of 8/);
  expect(traces.scored).toBeNull();
  traces.write('1 2');
  expect(traces.problem).toBeNull();
});

test('Stop keeps nothing half; another sample begins anew', async () => {
  const { fake, traces, turn } = await make();
  fake.onPass = () => {
    traces.stop();
  };
  await traces.score(DEFAULT_EXACT);
  expect([traces.scored, turn.work, fake.requests.length]).toEqual([null, null, 1]);
  fake.onPass = () => undefined;
  await traces.score(DEFAULT_EXACT);
  expect(traces.scored).not.toBeNull();
  traces.edit('sft', 3);
  expect(traces.scored).toBeNull();
});

test('closing stops, and what comes later is not taken', async () => {
  const { fake, traces, turn } = await make();
  fake.onPass = () => {
    traces.close();
  };
  await traces.score(DEFAULT_EXACT);
  expect([traces.open, traces.scored, turn.work]).toEqual([null, null, null]);
});

test('what comes for a trace that was left is not taken for the next one', async () => {
  const { fake, traces } = await make();
  traces.write('round nucleus <answer>');
  fake.onPass = () => {
    if (fake.requests.length < 2 || traces.open?.sample.index === 3) return;
    traces.close();
    traces.edit('sft', 3);
  };
  await traces.score(DEFAULT_EXACT);
  expect(fake.requests).toHaveLength(2);
  expect([traces.open?.sample.index, traces.scored, traces.error]).toEqual([3, null, null]);
  await traces.score(DEFAULT_EXACT);
  expect(traces.scored?.before.tokens).toBe(traces.open?.original.tokenIds?.length);
});

test('bounds, runs and a missing model are reasons to wait; an error is said', async () => {
  const { fake, traces, turn, sft, session } = await make();
  const other = turn.take('bounds', () => Promise.resolve());
  expect(traces.refusal).toMatch(/Bounds are being computed/);
  await other;
  fake.error = new NamedError('WorkerDied', 'gone');
  await traces.score(DEFAULT_EXACT);
  expect(traces.error?.name).toBe('WorkerDied');
  sft.unload();
  session.checkpoints.sync();
  expect(traces.refusal).toMatch(/no longer loaded/);
});
