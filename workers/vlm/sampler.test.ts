import { expect, test } from 'vitest';
import type { DrawnSample, SamplerSettings } from '../../src/core/types.ts';
import { ToyEngine, toyLogits } from '../../test/support/toy-engine.ts';
import { policyOf } from './policy.ts';
import { uniformStream } from './random.ts';
import { GREEDY_INDEX, sampleTree, type SamplingOptions } from './sampler.ts';

const SETTINGS: SamplerSettings = {
  k: 16,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  maxNewTokens: 12,
  seed: 7,
};

async function draw(
  changes: Partial<SamplerSettings> = {},
  options: Partial<SamplingOptions> & { greedy?: boolean; firstIndex?: number } = {},
) {
  const engine = new ToyEngine();
  const samples: DrawnSample[] = [];
  const prefill = await engine.prefill();
  const task = {
    image: { width: 1, height: 1, data: new Uint8Array(3) },
    promptText: '',
    itemId: 'item',
    sampler: { ...SETTINGS, ...changes },
    greedy: options.greedy ?? false,
    firstIndex: options.firstIndex ?? 0,
  };
  const cost = await sampleTree(engine, prefill, task, {
    maxRows: 1000,
    onStep: () => Promise.resolve(),
    onSample: (sample) => samples.push(sample),
    ...options,
  });
  samples.sort((a, b) => a.index - b.index);
  return { engine, samples, cost };
}

/** Decodes one sample alone, straight from the definition. */
function alone(index: number, settings: SamplerSettings) {
  const uniform = uniformStream(settings.seed, 'item');
  const tokenIds: number[] = [];
  let logProb = 0;
  while (tokenIds.length < settings.maxNewTokens) {
    const policy = policyOf(toyLogits(tokenIds), settings);
    const { tokenId } = policy.draw(uniform(index, tokenIds.length));
    logProb += Math.log(policy.probabilities[tokenId] ?? 0);
    tokenIds.push(tokenId);
    if (tokenId === 0 || tokenId === 7) break;
  }
  return { tokenIds, logProb };
}

test.each([
  {},
  { temperature: 0.5 },
  { topP: 0.7 },
  { topK: 3, minP: 0.05 },
  { k: 200, seed: 123 },
])('the tree equals decoding every sample alone, with %j', async (changes) => {
  const { samples } = await draw(changes);
  const settings = { ...SETTINGS, ...changes };
  expect(samples).toHaveLength(settings.k);
  for (const sample of samples) {
    const expected = alone(sample.index, settings);
    expect(sample.tokenIds).toEqual(expected.tokenIds);
    expect(sample.logProbs.reduce((a, b) => a + b, 0)).toBeCloseTo(expected.logProb, 10);
    expect(sample.tokenTexts.join('')).toBe(sample.text);
  }
});

test('merging saves rows and changes nothing', async () => {
  const merged = await draw({ k: 64, temperature: 0.5 });
  const apart = await draw({ k: 64, temperature: 0.5 }, { merge: false });
  expect(merged.samples).toEqual(apart.samples);
  expect(merged.cost.rows).toBeLessThan(apart.cost.rows);
});

test('waves of a few rows give the same answers and never exceed their size', async () => {
  const whole = await draw({ k: 100 });
  const waves = await draw({ k: 100 }, { maxRows: 3 });
  expect(waves.samples).toEqual(whole.samples);
  expect(Math.max(...waves.engine.calls.map((call) => call.rows))).toBeLessThanOrEqual(3);
});

test('every cache but the prefill’s is released, in waves and when stopped', async () => {
  expect((await draw({ k: 100 })).engine.liveCaches).toBe(1);
  expect((await draw({ k: 100 }, { maxRows: 3 })).engine.liveCaches).toBe(1);
  const engine = new ToyEngine();
  const prefill = await engine.prefill();
  const stop = sampleTree(
    engine,
    prefill,
    {
      image: { width: 1, height: 1, data: new Uint8Array(3) },
      promptText: '',
      itemId: 'item',
      sampler: { ...SETTINGS, k: 64 },
      greedy: true,
      firstIndex: 0,
    },
    {
      maxRows: 1000,
      onSample: () => undefined,
      onStep: ({ step }) => (step === 3 ? Promise.reject(new Error('stop')) : Promise.resolve()),
    },
  );
  await expect(stop).rejects.toThrow('stop');
  expect(engine.liveCaches).toBe(1);
});

test('raising K keeps the samples that were there', async () => {
  const few = await draw({ k: 16 });
  const many = await draw({ k: 64 });
  const rest = await draw({ k: 64 }, { firstIndex: 16 });
  expect(many.samples.slice(0, 16)).toEqual(few.samples);
  expect([...few.samples, ...rest.samples]).toEqual(many.samples);
});

test('the greedy walker rides along and follows the largest logits', async () => {
  const { samples } = await draw({ k: 4 }, { greedy: true });
  const greedy = samples.find((sample) => sample.index === GREEDY_INDEX);
  const expected = alone(0, { ...SETTINGS, temperature: 0 });
  expect(greedy?.tokenIds).toEqual(expected.tokenIds);
  expect(samples.filter((sample) => sample.index !== GREEDY_INDEX)).toEqual(
    (await draw({ k: 4 })).samples,
  );
});

test('a sample ends at the end token, at </answer> or at the limit, and says which', async () => {
  const { samples } = await draw({ k: 200, maxNewTokens: 5 });
  const reasons = new Set(samples.map((sample) => sample.finishReason));
  expect(reasons).toEqual(new Set(['end-of-sequence', 'answer-closed', 'length']));
  for (const { tokenIds, finishReason } of samples) {
    const last = tokenIds.at(-1);
    if (finishReason === 'length') expect(tokenIds).toHaveLength(5);
    else expect(last).toBe(finishReason === 'answer-closed' ? 7 : 0);
  }
});

test('a smaller top-k or an ignored top-p gives other answers', async () => {
  const texts = async (changes: Partial<SamplerSettings>) =>
    (await draw({ k: 64, ...changes })).samples.map((sample) => sample.text);
  expect(await texts({ topK: 3 })).not.toEqual(await texts({}));
  expect(await texts({ topP: 0.6 })).not.toEqual(await texts({}));
});
