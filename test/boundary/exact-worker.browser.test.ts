/** The exact distribution through a checkpoint's worker: streamed, stopped, begun anywhere, re-weighted. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExactAnswers } from '../../src/backend/answer-backend.ts';
import type { WorkerBackend } from '../../src/backend/worker-backend.ts';
import { asNamedError } from '../../src/protocol/errors.ts';
import type { ExactEvent, ExactRequest } from '../../src/protocol/vlm.ts';
import { tinySftBackend } from '../support/backend.ts';
import { storedItems } from '../support/fixtures.ts';

const calls = { signal: new AbortController().signal, onEvent: () => undefined };
const direct = storedItems.find(({ mode }) => mode === 'direct');
const think = storedItems.find(({ mode }) => mode === 'think');
if (!direct || !think) throw new Error('The stored items have both modes.');

const policy = { temperature: 1, topK: 0, topP: 1, minP: 0 };

function request(changes: Partial<ExactRequest> = {}, item = direct): ExactRequest {
  if (!item) throw new Error('There is no such item.');
  return {
    image: item.image,
    promptText: item.userPrompt,
    question: item.question,
    sampler: { ...policy, maxNewTokens: 6 },
    epsilon: 0.01,
    nodeBudget: 5000,
    prefix: null,
    ...changes,
  };
}

let backend: WorkerBackend;
let exact: ExactAnswers;
beforeAll(async () => {
  backend = tinySftBackend();
  await backend.load('wasm', calls);
  if (backend.exact.calls === null) throw new Error(backend.exact.reason);
  exact = backend.exact.calls;
});
afterAll(() => {
  backend.unload();
});

test('bounds stream and tighten, and the reply ends them', async () => {
  const events: ExactEvent[] = [];
  const reply = await exact.bounds(request(), { ...calls, onEvent: (event) => events.push(event) });
  expect(reply).toMatchObject({ status: 'epsilon', prefixTokenIds: [] });
  expect(reply.bounds.residual).toBeLessThan(0.01);
  const residuals = [...events, reply].map(({ bounds }) => bounds.residual);
  expect(residuals.length).toBeGreaterThan(3);
  expect(residuals[0]).toBe(1);
  residuals.slice(1).forEach((residual, at) => {
    expect(residual).toBeLessThanOrEqual(residuals[at] ?? 0);
  });
  const explored = reply.bounds.answers.reduce((sum, { lower }) => sum + lower, 0);
  expect(explored + reply.bounds.residual).toBeCloseTo(1, 9);
});

test('a stop takes effect within one pass and keeps the bounds', async () => {
  const abort = new AbortController();
  let passes = 0;
  const reply = await exact.bounds(request({ epsilon: 0 }), {
    signal: abort.signal,
    onEvent: (event) => {
      ({ passes } = event);
      if (passes === 4) abort.abort();
    },
  });
  expect(reply.status).toBe('stopped');
  // The message takes its way while the pass after it runs.
  expect(reply.passes - 4).toBeLessThanOrEqual(2);
  expect(reply.bounds.residual).toBeLessThan(1);
});

test('a long answer spends its budget and says so', async () => {
  const sampler = { ...policy, temperature: 0.5, maxNewTokens: 64 };
  const reply = await exact.bounds(
    request({ sampler, nodeBudget: 60, epsilon: 1e-4 }, think),
    calls,
  );
  expect(reply).toMatchObject({ status: 'budget', nodes: 60 });
  expect(reply.bounds.residual).toBeGreaterThan(1e-4);
});

test('temperature 0 is the greedy answer, in think mode too', async () => {
  const sampler = { ...policy, temperature: 0, maxNewTokens: 64 };
  const { bounds, status } = await exact.bounds(request({ sampler }, think), calls);
  expect(status).toBe('epsilon');
  expect(bounds.answers[0]).toMatchObject({ lower: 1, upper: 1 });
  expect(think.completionText).toContain(`<answer>${bounds.answers[0]?.answer ?? ''}</answer>`);
});

test('after a given beginning it is the distribution of what follows', async () => {
  const [thought] = think.completionText.split('<answer>');
  const prefix = `${thought ?? ''}<answer>`;
  const sampler = { ...policy, temperature: 0.5, maxNewTokens: 40 };
  const asText = await exact.bounds(request({ sampler, prefix }, think), calls);
  expect(asText.status).toBe('epsilon');
  const { prefixTokenIds } = asText;
  expect(think.completionIds.slice(0, prefixTokenIds.length)).toEqual(prefixTokenIds);
  const asTokens = await exact.bounds(request({ sampler, prefix: prefixTokenIds }, think), calls);
  expect(asTokens.bounds).toEqual(asText.bounds);
  // Another thought, another distribution: the text that is given does count.
  const other = await exact.bounds(
    request({ sampler, prefix: '<think>it is not clear</think><answer>' }, think),
    calls,
  );
  expect(other.bounds.answers).not.toEqual(asText.bounds.answers);
  // A beginning that closes the answer is the answer.
  const closed = await exact.bounds(request({ prefix: '<answer>B</answer>' }), calls);
  expect(closed).toMatchObject({ status: 'epsilon', passes: 0 });
  expect(closed.bounds.answers[0]).toEqual({ answer: 'B', lower: 1, upper: 1 });
});

test('a kept tree is re-weighted without the model, and agrees with a new run', async () => {
  await exact.bounds(request({ epsilon: 1e-3, keepAs: 'run-1' }), calls);
  const target = { ...policy, temperature: 0.7 };
  // Neither a trace nor a run that is not kept takes its place.
  await exact.bounds(request({ prefix: '<answer>' }), calls);
  const fresh = await exact.bounds(
    request({ sampler: { ...target, maxNewTokens: 6 }, epsilon: 1e-3 }),
    calls,
  );
  const { bounds } = await exact.reweighted('run-1', target);
  expect(bounds?.residual).toBeLessThan(1e-3);
  for (const { answer, lower, upper } of fresh.bounds.answers) {
    const other = bounds?.answers.find((bound) => bound.answer === answer);
    // Rows of another pass round in another way.
    expect(other?.lower ?? 0).toBeLessThanOrEqual(upper + 1e-5);
    expect(lower).toBeLessThanOrEqual((other?.upper ?? bounds?.residual ?? NaN) + 1e-5);
  }
});

test('what cannot be done has its reason or its name', async () => {
  await backend.load('wasm', calls);
  const nothing = { bounds: null, reason: 'nothing-computed' };
  expect(await exact.reweighted('run-1', policy)).toEqual(nothing);
  await exact.bounds(request({ keepAs: 'run-2' }), calls);
  expect(await exact.reweighted('run-1', policy)).toEqual({
    bounds: null,
    reason: 'other-run-kept',
  });
  const nameOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'nothing',
      (thrown: unknown) => asNamedError(thrown).name,
    );
  expect(await nameOf(exact.bounds(request({ epsilon: NaN }), calls))).toBe('SamplerInvalid');
  expect(await nameOf(exact.bounds(request({ nodeBudget: -1 }), calls))).toBe('SamplerInvalid');
  backend.unload();
  expect(await nameOf(exact.bounds(request(), calls))).toBe('NotLoaded');
  backend.unload();
  expect(await exact.reweighted('run-2', policy)).toEqual(nothing);
});
