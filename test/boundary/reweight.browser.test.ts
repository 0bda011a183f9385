/**
 * Re-weighting on the real checkpoint in think mode: samples of T = 1, weighted for 0.7 and 1.3, agree
 * with fresh runs while the effective sample size holds.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  effectiveSampleSize,
  MIN_EFFECTIVE_SHARE,
  normalizedWeights,
  weightedEstimate,
} from '../../src/core/importance.ts';
import type { PolicySettings } from '../../src/core/types.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { collect, tinySftBackend } from '../support/backend.ts';
import { loadTinySft, OPEN_SAMPLER } from '../support/engine.ts';
import { longRun, mean, mostFrequent, type LongRun } from '../support/estimates.ts';
import { storedItems, thinkItems } from '../support/fixtures.ts';

const K = 64;
const REPEATS = Number(import.meta.env['VITE_REWEIGHT_REPEATS'] ?? 2);
const ITEMS = Number(import.meta.env['VITE_ESTIMATE_ITEMS'] ?? 2);
const LIMIT = 4;

let loaded: Loaded;
beforeAll(async () => {
  loaded = await loadTinySft();
});
afterAll(() => loaded.engine.dispose());

function logWeightsOf(run: LongRun, target: PolicySettings): readonly number[] {
  const reply = run.tree.reweight(target);
  if (reply.type === 'refused') throw new Error(reply.reason);
  return reply.logWeights;
}

test(
  `from T = 1 to 0.7 and 1.3, ${String(REPEATS)} repetitions on ${String(ITEMS)} items`,
  { timeout: 3_600_000 },
  async () => {
    const intervals: { share: number; covers: boolean }[] = [];
    for (const item of thinkItems(ITEMS)) {
      const open = { ...OPEN_SAMPLER, k: K * REPEATS };
      const run = await longRun(loaded.engine, item, open, null);
      const answer = mostFrequent(run.answers);
      const values = run.answers.map((own) => Number(own === answer));
      for (const temperature of [0.7, 1.3]) {
        const target = { ...open, temperature, seed: 8 };
        const fresh = await longRun(loaded.engine, item, target, null);
        const truth = mean(fresh.answers.map((own) => Number(own === answer)));
        const logWeights = logWeightsOf(run, target);
        const weights = normalizedWeights(logWeights);
        const share = effectiveSampleSize(weights) / weights.length;
        const estimate = weightedEstimate(weights, values);
        if (estimate === null) throw new Error('no weight');
        const worth = Math.max(1, share * weights.length);
        // A share of 0 or 1 has no variance of its own: one sample more on either side.
        const p = (truth * values.length + 1) / (values.length + 2);
        const error = Math.sqrt(p * (1 - p) * (1 / worth + 1 / values.length));
        if (share >= MIN_EFFECTIVE_SHARE) {
          expect(Math.abs(estimate.probability - truth), item.name).toBeLessThanOrEqual(
            LIMIT * error,
          );
        }
        for (let start = 0; start < logWeights.length; start += K) {
          const own = normalizedWeights(logWeights.slice(start, start + K));
          const block = weightedEstimate(own, values.slice(start, start + K));
          const covers =
            block !== null && block.interval.lower <= truth && truth <= block.interval.upper;
          intervals.push({ share: effectiveSampleSize(own) / K, covers });
        }
        console.info(
          `${item.name} to ${String(temperature)}: ${String(answer)} ${mean(values).toFixed(3)} → ` +
            `${estimate.probability.toFixed(3)}, fresh ${truth.toFixed(3)}; share of n ${share.toFixed(2)}`,
        );
      }
    }
    for (const [low, high] of [
      [0, 0.1],
      [0.1, 0.25],
      [0.25, 0.5],
      [0.5, 1.01],
    ] as const) {
      const inside = intervals.filter(({ share }) => share >= low && share < high);
      const covered = inside.filter(({ covers }) => covers).length;
      console.info(
        `effective share ${String(low)}–${String(high)}: ${String(covered)} of ${String(inside.length)} intervals cover`,
      );
    }
    const trusted = intervals.filter(({ share }) => share >= MIN_EFFECTIVE_SHARE);
    const covered = trusted.filter(({ covers }) => covers).length;
    expect(covered / trusted.length).toBeGreaterThan(0.85);
  },
);

test('in the worker: weights after a run, none before, refusals, and fast enough for a slider', async () => {
  const backend = tinySftBackend();
  try {
    await backend.load('wasm', { signal: new AbortController().signal, onEvent: () => undefined });
    const target = { ...OPEN_SAMPLER, temperature: 0.7 };
    const weights = async (policy: PolicySettings) =>
      backend.reweight.calls?.weights('run', policy);
    expect(await weights(target)).toEqual({ type: 'refused', reason: 'nothing-sampled' });
    const [item] = storedItems;
    if (!item) throw new Error('There is no stored item.');
    const passing = {
      image: item.image,
      promptText: item.userPrompt,
      itemId: item.name,
      sampler: { ...OPEN_SAMPLER, k: 48 },
      greedy: true,
      firstIndex: 0,
    };
    const request = { ...passing, keepAs: 'run' };
    const whole = await collect(backend, { ...request, sampler: { ...request.sampler, k: 64 } });
    const wholeWeights = await weights(target);
    await collect(backend, request);
    await collect(backend, { ...request, firstIndex: 48, sampler: { ...request.sampler, k: 64 } });
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const startedAt = performance.now();
      await weights({ ...target, topP: 0.9 });
      times.push(performance.now() - startedAt);
    }
    console.info(
      `reweight at K = 64: best of 5 ${Math.min(...times).toFixed(0)} ms, rows ${String(whole.reply.rows)}`,
    );
    const resumed = await weights(target);
    if (resumed?.type !== 'weights' || wholeWeights?.type !== 'weights') throw new Error('refused');
    expect(resumed.sampleIndexes).toEqual(Array.from({ length: 64 }, (_, i) => i));
    resumed.logWeights.forEach((logWeight, i) => {
      expect(Math.abs(logWeight - (wholeWeights.logWeights[i] ?? NaN))).toBeLessThan(1e-2);
    });
    const part = { ...request, keepAs: 'part', firstIndex: 32 };
    await collect(backend, part);
    expect(await backend.reweight.calls?.weights('part', target), 'its beginning is gone').toEqual({
      type: 'refused',
      reason: 'other-run-kept',
    });
    const filtered = { ...request.sampler, topP: 0.9 };
    await collect(backend, { ...passing, sampler: filtered });
    expect(await weights(target), 'a run that is not kept leaves what is').toEqual(resumed);
    expect(await backend.reweight.calls?.weights('another run', target)).toEqual({
      type: 'refused',
      reason: 'other-run-kept',
    });
    await collect(backend, { ...request, sampler: filtered });
    expect(await weights({ ...filtered, topP: 0.95 })).toEqual({
      type: 'refused',
      reason: 'wider-filters',
    });
  } finally {
    backend.unload();
  }
});
