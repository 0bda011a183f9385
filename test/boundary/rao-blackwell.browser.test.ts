/**
 * Rao–Blackwell on the real checkpoint in think mode: over repetitions of K = 16 the same mean as
 * counting, a variance that is not larger, and both agree with a run of other seeds.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { BRANCH_FLOOR, raoBlackwellEstimate } from '../../src/core/rao-blackwell.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { loadTinySft, OPEN_SAMPLER } from '../support/engine.ts';
import {
  blockMeans,
  longRun,
  mean,
  mostFrequent,
  variance,
  votesFor,
} from '../support/estimates.ts';
import { thinkItems } from '../support/fixtures.ts';

const K = 16;
const REPEATS = Number(import.meta.env['VITE_ESTIMATE_REPEATS'] ?? 8);
const ITEMS = Number(import.meta.env['VITE_ESTIMATE_ITEMS'] ?? 2);
/** Standard errors that a difference may have; one test of many may not fail by chance. */
const LIMIT = 4;

let loaded: Loaded;
beforeAll(async () => {
  loaded = await loadTinySft();
});
afterAll(() => loaded.engine.dispose());

test(
  `${String(REPEATS)} repetitions on ${String(ITEMS)} items: same mean, variance not larger`,
  { timeout: 3_600_000 },
  async () => {
    const ratios: number[] = [];
    for (const item of thinkItems(ITEMS)) {
      const sampler = { ...OPEN_SAMPLER, k: K * REPEATS };
      const run = await longRun(loaded.engine, item, sampler, BRANCH_FLOOR);
      const k = Math.min(sampler.k, 1024);
      const other = await longRun(loaded.engine, item, { ...sampler, k, seed: 8 }, null);
      expect(run.samples).toHaveLength(K * REPEATS);
      const answer = mostFrequent(run.answers);
      const { counted, byTrace } = votesFor(run, item, answer);
      const differences = byTrace.map((q, i) => q - (counted[i] ?? 0));
      const paired = Math.sqrt(variance(differences) / differences.length);
      expect(Math.abs(mean(differences)), item.name).toBeLessThanOrEqual(LIMIT * paired + 1e-9);

      const p = mean(votesFor(other, item, answer).counted);
      const spread = Math.sqrt(variance(byTrace) / byTrace.length + variance(counted) / k);
      expect(Math.abs(mean(byTrace) - p), item.name).toBeLessThanOrEqual(LIMIT * spread + 1e-9);

      const ofCounting = variance(blockMeans(counted, K));
      const ratio = variance(blockMeans(byTrace, K)) / ofCounting;
      // The two are nearly the same numbers where a trace decides: the noise of a ratio is small then.
      if (ofCounting > 0) expect(ratio, item.name).toBeLessThanOrEqual(1.15);
      if (ofCounting > 0) ratios.push(ratio);
      const ofVotes = raoBlackwellEstimate(byTrace).varianceRatio ?? 1;
      expect(ofVotes, item.name).toBeLessThanOrEqual(1);
      const unresolved = run.traces.reduce(
        (sum, trace) => sum + trace.sampleIndexes.length * trace.unresolvedMass,
        0,
      );
      console.info(
        `${item.name}: ${String(answer)} ${mean(byTrace).toFixed(4)} by trace, ${mean(counted).toFixed(4)} counted, ` +
          `${p.toFixed(4)} other seeds; variance ratio ${ratio.toFixed(3)} of means, ${ofVotes.toFixed(3)} of votes; ` +
          `${String(run.traces.length)} traces, unresolved ${(unresolved / run.samples.length).toExponential(1)}; ` +
          `rows ${String(run.rows)} against ${String(other.rows)}`,
      );
    }
    ratios.sort((a, b) => a - b);
    const middle = ratios.slice((ratios.length - 1) >> 1, (ratios.length >> 1) + 1);
    console.info(`median variance ratio ${mean(middle).toFixed(3)}`);
  },
);
