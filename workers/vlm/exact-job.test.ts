/** Which tree is kept for another policy, and what it says there. */

import { expect, test } from 'vitest';
import type { ExactRequest } from '../../src/protocol/vlm.ts';
import {
  ANSWER_MAX_TOKENS,
  ANSWER_QUESTION,
  answerEngine,
  exactAnswerDistribution,
} from '../../test/support/toy-answers.ts';
import { ExactJobs } from './exact-job.ts';
import type { PolicySettings } from './policy.ts';

const OPEN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const COOL: PolicySettings = { ...OPEN, temperature: 0.5 };

async function make() {
  const engine = answerEngine();
  const prefill = await engine.prefill();
  const jobs = new ExactJobs();
  const run = (changes: Partial<ExactRequest> = {}, isStopped = false) =>
    jobs.run(
      engine,
      prefill,
      {
        image: { width: 1, height: 1, data: new Uint8Array(3) },
        promptText: '',
        question: ANSWER_QUESTION,
        sampler: { ...OPEN, maxNewTokens: ANSWER_MAX_TOKENS },
        epsilon: 0,
        nodeBudget: 10_000,
        prefix: null,
        ...changes,
      },
      {
        maxRows: 64,
        onEvent: () => undefined,
        goesOn: () => Promise.resolve(!isStopped),
        elapsedMs: () => 0,
      },
    );
  return { jobs, run };
}

test('a tree is kept under its name and says the new policy exactly', async () => {
  const { jobs, run } = await make();
  expect(jobs.reweighted('a', COOL)).toEqual({ bounds: null, reason: 'nothing-computed' });
  const reply = await run({ keepAs: 'a' });
  expect(jobs.reweighted('a', OPEN).bounds?.residual).toBeCloseTo(reply.bounds.residual, 12);
  const { bounds } = jobs.reweighted('a', COOL);
  expect(bounds?.residual).toBeLessThan(1e-9);
  const cooled = exactAnswerDistribution(COOL);
  for (const { answer, lower } of bounds?.answers ?? []) {
    expect(lower).toBeCloseTo(cooled.get(answer) ?? 0, 9);
  }
  const sum = bounds?.answers.reduce((all, { lower }) => all + lower, bounds.residual);
  expect(sum).toBeCloseTo(1, 9);
});

test('what was not explored stays open under the new policy', async () => {
  const { jobs, run } = await make();
  const { bounds } = await run({ keepAs: 'a', nodeBudget: 6 });
  const cooled = jobs.reweighted('a', COOL).bounds;
  const truth = exactAnswerDistribution(COOL);
  expect(bounds.residual).toBeGreaterThan(0.01);
  expect(cooled?.residual).toBeGreaterThan(0.01);
  for (const { answer, lower, upper } of cooled?.answers ?? []) {
    expect(truth.get(answer) ?? 0).toBeGreaterThanOrEqual(lower - 1e-9);
    expect(truth.get(answer) ?? 0).toBeLessThanOrEqual(upper + 1e-9);
  }
});

test('an edited trace leaves the run’s tree; another run takes its place, stopped or not', async () => {
  const { jobs, run } = await make();
  await run({ keepAs: 'a' });
  const before = jobs.reweighted('a', COOL);
  await run({ prefix: [1, 3] });
  expect(jobs.reweighted('a', COOL)).toEqual(before);
  await run({ keepAs: 'b' }, true);
  expect(jobs.reweighted('a', COOL)).toEqual({ bounds: null, reason: 'other-run-kept' });
  expect(jobs.reweighted('b', COOL).bounds?.residual).toBe(1);
  jobs.forget();
  expect(jobs.reweighted('b', COOL)).toEqual({ bounds: null, reason: 'nothing-computed' });
});
