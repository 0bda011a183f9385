/** Bounds on the letters of a direct answer, from what a server lists, against the toy's own distribution. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ServerProfile } from '../../../test/support/openai-profile.ts';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import { loader, quiet, requestOf } from '../../../test/support/remote-bench.ts';
import { LETTERS, truthOf } from '../../../test/support/served-toy.ts';
import { boundOf } from '../../core/answer-bounds.ts';
import { BLOOD_QUESTION, FREE_FORM_QUESTION } from '../../core/record-fixture.ts';
import type { PolicySettings } from '../../core/types.ts';
import type { ExactEvent, ExactRequest } from '../../protocol/vlm.ts';
import type { ExactAnswers } from '../answer-backend.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});
const loaded = loader(() => server);

const PLAIN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const LETTER_NAMES = ['A', 'B', 'C', 'D'] as const;

const asked = (policy: Partial<PolicySettings>, more: Partial<ExactRequest> = {}): ExactRequest => {
  const { image, promptText } = requestOf();
  return {
    ...{ image, promptText, question: BLOOD_QUESTION, prefix: null, keepAs: 'run-1' },
    sampler: { ...PLAIN, ...policy, maxNewTokens: 8 },
    ...{ epsilon: 1e-6, nodeBudget: 2000, ...more },
  };
};

async function listing(profile: Partial<ServerProfile> = {}): Promise<ExactAnswers> {
  const { exact } = await loaded(profile);
  if (exact.calls === null) throw new Error(exact.reason);
  return exact.calls;
}

/** P(letter) under the policy: both openings lead to the same letters. */
const truthUnder = (policy: Partial<PolicySettings>) => truthOf(LETTERS, { ...PLAIN, ...policy });

describe.each(['model', 'tempered'] as const)('log-probabilities of kind %s', (logProbsOf) => {
  test.each([
    [{}],
    [{ temperature: 0.5 }],
    [{ temperature: 2 }],
    [{ temperature: 0.7, topP: 0.9 }],
    [{ temperature: 1.3, topK: 3 }],
    [{ minP: 0.2 }],
  ])('the bounds of %j contain the truth with as few as five listed', async (policy) => {
    const exact = await listing({ logProbsOf, mostListed: 5 });
    const { bounds, listed } = await exact.bounds(asked(policy), quiet);
    expect(listed).toMatchObject({ reading: 'first-letter', alternatives: 5 });
    const truth = truthUnder(policy);
    for (const letter of LETTER_NAMES) {
      const { lower, upper } = boundOf(bounds, letter);
      expect(lower).toBeLessThanOrEqual((truth.get(letter) ?? 0) + 1e-6);
      expect(upper).toBeGreaterThanOrEqual((truth.get(letter) ?? 0) - 1e-6);
    }
    // Hot and without a filter anything may hide in what is not listed.
    const isOpen = (policy as Partial<PolicySettings>).temperature === 2;
    if (isOpen) expect(bounds.residual).toBeGreaterThan(0.5);
    else expect(bounds.residual).toBeLessThan(0.2);
  });
});

test('filters that drop all that is not listed make the bounds meet at the truth', async () => {
  const policy = { temperature: 0.7, topP: 0.9 };
  const exact = await listing({ mostListed: 5 });
  const { bounds, status, listed, leaves } = await exact.bounds(asked(policy), quiet);
  expect(status).toBe('epsilon');
  expect(bounds.residual).toBeLessThan(1e-6);
  const truth = truthUnder(policy);
  for (const letter of LETTER_NAMES) {
    expect(boundOf(bounds, letter).lower).toBeCloseTo(truth.get(letter) ?? 0, 6);
  }
  expect(listed?.answers).toBeGreaterThanOrEqual(leaves);
  expect(server.chats.every(({ body }) => body['temperature'] === 1 && body['top_p'] === 1)).toBe(
    true,
  );
});

test('what cannot get sharper ends by itself, with what is outside the lists as residual', async () => {
  const exact = await listing({ mostListed: 5 });
  const events: ExactEvent[] = [];
  const calls = { ...quiet, onEvent: (event: ExactEvent) => void events.push(event) };
  const reply = await exact.bounds(asked({}), calls);
  expect(reply.status).toBe('listed');
  // `(` and `Neither`, 0.03, and letters behind the rare opening that were not drawn.
  expect(reply.bounds.residual).toBeGreaterThan(0.03 - 1e-9);
  expect(reply.bounds.residual).toBeLessThan(0.06);
  expect(reply.listed?.answers).toBeLessThanOrEqual(64);
  const residuals = events.map(({ bounds }) => bounds.residual);
  expect(residuals).toEqual(residuals.toSorted((a, b) => b - a));
  expect(events.at(-1)?.bounds).toEqual(reply.bounds);
});

test('the budget counts tokens, and a stop keeps what was read', async () => {
  const exact = await listing({ mostListed: 5, n: 'refuses' });
  const few = await exact.bounds(asked({}, { nodeBudget: 1 }), quiet);
  expect(few.status).toBe('budget');
  expect(few.listed?.answers).toBe(4);
  const stop = new AbortController();
  const stopped = await exact.bounds(asked({}), {
    signal: stop.signal,
    onEvent: () => {
      stop.abort();
    },
  });
  expect(stopped.status).toBe('stopped');
  expect(boundOf(stopped.bounds, 'A').lower).toBeGreaterThan(0.05);
});

test('the lists of a run say what other settings would give, without asking again', async () => {
  const exact = await listing({ mostListed: 5 });
  await exact.bounds(asked({}), quiet);
  server.log = [];
  const target = { temperature: 0.7, topK: 0, topP: 0.9, minP: 0 };
  const { bounds } = await exact.reweighted('run-1', target);
  expect(server.chats).toHaveLength(0);
  const truth = truthUnder(target);
  for (const letter of LETTER_NAMES) {
    expect(bounds && boundOf(bounds, letter).lower).toBeCloseTo(truth.get(letter) ?? 0, 6);
  }
  expect(await exact.reweighted('run-0', target)).toEqual({
    ...{ bounds: null, reason: 'other-run-kept' },
  });
});

test('a free-form answer is bounded as the text it is', async () => {
  const exact = await listing();
  const { bounds, listed } = await exact.bounds(asked({}, { question: FREE_FORM_QUESTION }), quiet);
  expect(listed?.reading).toBe('whole-text');
  // Both openings, `<answer>A</answer>` and `Answer: A`, say "a".
  expect(boundOf(bounds, 'a').lower).toBeGreaterThan(0.4);
  expect(boundOf(bounds, 'a').lower).toBeLessThanOrEqual(0.5 + 1e-9);
});

test('with reasoning, with a given beginning and without lists it says why not', async () => {
  const exact = await listing();
  expect(exact.refusal({ promptMode: 'direct', isContinued: false })).toBeNull();
  expect(exact.refusal({ promptMode: 'think', isContinued: false })).toContain('direct mode');
  expect(exact.refusal({ promptMode: 'direct', isContinued: true })).toContain('beginning');
  await expect(exact.bounds(asked({}, { prefix: '<answer>' }), quiet)).rejects.toMatchObject({
    name: 'RequestRefused',
  });
  const none = await listing({ logprobs: 'refuses' });
  const reason = none.refusal({ promptMode: 'direct', isContinued: false });
  expect(reason).toMatch(/lists no alternatives.*Unrecognized request argument: logprobs/);
  await expect(none.bounds(asked({}), quiet)).rejects.toMatchObject({
    ...{ name: 'RequestRefused', message: reason },
  });
  const one = await listing({ mostListed: 1 });
  expect(one.refusal({ promptMode: 'direct', isContinued: false })).toContain('lists no');
});

test('filters that the server may apply in another order are said beside the bounds', async () => {
  const exact = await listing();
  const both = await exact.bounds(asked({ topP: 0.9, minP: 0.05 }), quiet);
  expect(both.listed?.caution).toContain('another order');
  const alone = await exact.bounds(asked({ topP: 0.9 }), quiet);
  expect(alone.listed?.caution).toBeNull();
});
