/** Re-weighting against a toy model whose every probability is known. */

import { expect, test } from 'vitest';
import { weightedEstimate } from '../../src/core/importance.ts';
import { parseAnswer } from '../../src/core/parser.ts';
import type { DrawnSample, PolicySettings, SamplerSettings } from '../../src/core/types.ts';
import {
  ANSWER_MAX_TOKENS,
  ANSWER_QUESTION,
  answerEngine,
  answerLogits,
  exactAnswerDistribution,
} from '../../test/support/toy-answers.ts';
import { KeptTree } from './kept-tree.ts';
import { policyOf } from './policy.ts';
import { sampleTree } from './sampler.ts';

const SETTINGS: SamplerSettings = {
  k: 200,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  maxNewTokens: ANSWER_MAX_TOKENS,
  seed: 3,
};

async function run(sampler: SamplerSettings, tree = new KeptTree(sampler), firstIndex = 0) {
  const engine = answerEngine();
  const samples: DrawnSample[] = [];
  const task = {
    image: { width: 1, height: 1, data: new Uint8Array(3) },
    promptText: '',
    itemId: 'item',
    sampler,
    greedy: true,
    firstIndex,
    answerDistributions: { question: ANSWER_QUESTION, branchFloor: 1e-3 },
  };
  await sampleTree(engine, await engine.prefill(), task, {
    maxRows: 5,
    keep: tree,
    onStep: () => Promise.resolve(),
    onSample: (sample) => samples.push(sample),
  });
  const drawn = samples.filter(({ index }) => index >= 0).sort((a, b) => a.index - b.index);
  return { tree, samples: drawn };
}

function weightsOf(tree: KeptTree, target: PolicySettings) {
  const reply = tree.reweight(target);
  if (reply.type === 'refused') throw new Error(reply.reason);
  return reply;
}

/** ln P(tokens) straight from the definition. */
function logProbOf(tokenIds: readonly number[], settings: PolicySettings): number {
  return tokenIds.reduce((sum, tokenId, t) => {
    const { probabilities } = policyOf(answerLogits(tokenIds.slice(0, t)), settings);
    return sum + Math.log(probabilities[tokenId] ?? 0);
  }, 0);
}

test.each<readonly [Partial<PolicySettings>, Partial<PolicySettings>]>([
  [{}, {}],
  [{}, { temperature: 0.7 }],
  [{}, { temperature: 1.3 }],
  [{}, { temperature: 0.7, topP: 0.9 }],
  [{}, { topK: 2, minP: 0.1 }],
  [{}, { temperature: 0 }],
  [{ temperature: 1.5 }, { temperature: 0.5 }],
  [{ topP: 0.95 }, { topP: 0.6, topK: 4 }],
])('from %j to %j the weights are the analytic ratio', async (from, to) => {
  const sampled = { ...SETTINGS, ...from };
  const target = { ...sampled, ...to };
  const { tree, samples } = await run(sampled);
  const { sampleIndexes, logWeights, weights, logWeightError } = weightsOf(tree, target);
  expect(sampleIndexes).toEqual(samples.map(({ index }) => index));
  samples.forEach(({ tokenIds }, i) => {
    const ratio = logProbOf(tokenIds, target) - logProbOf(tokenIds, sampled);
    if (ratio === -Infinity) expect(logWeights[i]).toBe(-Infinity);
    else expect(Math.abs((logWeights[i] ?? NaN) - ratio)).toBeLessThan(1e-9);
  });
  expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  expect(logWeightError).toBe(0);
});

test('the weighted answers are those of the target, within error', async () => {
  for (const target of [
    { ...SETTINGS, temperature: 0.7 },
    { ...SETTINGS, topP: 0.8 },
  ]) {
    const { tree, samples } = await run({ ...SETTINGS, k: 1000 });
    const { weights } = weightsOf(tree, target);
    const values = samples.map(({ text }) =>
      Number(parseAnswer(text, ANSWER_QUESTION).answer === 'B'),
    );
    const exact = exactAnswerDistribution(target).get('B') ?? 0;
    const unweighted = values.reduce((a, b) => a + b, 0) / 1000;
    const estimate = weightedEstimate(weights, values);
    expect(Math.abs(unweighted - exact)).toBeGreaterThan(0.03);
    expect(estimate?.interval.lower).toBeLessThan(exact);
    expect(estimate?.interval.upper).toBeGreaterThan(exact);
  }
});

test('a run that goes on keeps the weights of its beginning', async () => {
  const whole = await run({ ...SETTINGS, k: 60 });
  const begun = await run({ ...SETTINGS, k: 20 });
  await run({ ...SETTINGS, k: 60 }, begun.tree, 20);
  const target = { ...SETTINGS, temperature: 0.8 };
  expect(weightsOf(begun.tree, target).sampleIndexes).toHaveLength(60);
  expect(weightsOf(begun.tree, target)).toEqual(weightsOf(whole.tree, target));
});

test('what the samples cannot say is refused with its reason', async () => {
  const { tree } = await run({ ...SETTINGS, topP: 0.9 });
  expect(tree.reweight({ ...SETTINGS, topP: 0.95 })).toEqual({
    type: 'refused',
    reason: 'wider-filters',
  });
  expect(tree.reweight({ ...SETTINGS, topP: 0.9, temperature: 0.9 })).toEqual({
    type: 'refused',
    reason: 'temperature-of-filtered-run',
  });
  expect(new KeptTree(SETTINGS).reweight(SETTINGS)).toEqual({
    type: 'refused',
    reason: 'nothing-sampled',
  });
});

test('over the budget the rows go, and the reply says so', async () => {
  const { tree } = await run(SETTINGS, new KeptTree(SETTINGS, 1000));
  expect(tree.keptBytes).toBe(0);
  expect(tree.reweight(SETTINGS)).toEqual({ type: 'refused', reason: 'rows-not-kept' });
});
