/**
 * Sampled frequencies fit the model: K = 1024 in direct mode on 20 items against the exact answer
 * distribution of the same policy, in one pooled Monte-Carlo multinomial test at 0.001. The same
 * test must reject a sampler that truncates to three tokens, and one that ignores top-p.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAnswer } from '../../src/core/parser.ts';
import type { SamplerSettings } from '../../src/core/types.ts';
import { buildPrompt } from '../../src/data/prompts.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { uniformStream } from '../../workers/vlm/random.ts';
import { drawSamples, loadTinySft, OPEN_SAMPLER } from '../support/engine.ts';
import { exactAnswers } from '../support/exact-answers.ts';
import { storedItems, type StoredItem } from '../support/fixtures.ts';

const K = Number(import.meta.env['VITE_DISTRIBUTION_K'] ?? 1024);
const SIGNIFICANCE = 0.001;
const SIMULATIONS = 1999;
const SMALLEST_MASS = 1e-4;
/** Mass that may be missing from an exact distribution without mattering at K = 1024. */
const ALLOWED_RESIDUAL = 2e-3;

const POLICY: SamplerSettings = {
  ...OPEN_SAMPLER,
  k: K,
  temperature: 1.2,
  topP: 0.9,
  maxNewTokens: 6,
  seed: 11,
};

interface Cell {
  readonly probability: number;
  readonly count: number;
}

/** One item's cells: every exact answer, and a last one for what has no exact mass. */
type Item = readonly Cell[];

let loaded: Loaded;
let items: readonly StoredItem[];
beforeAll(async () => {
  loaded = await loadTinySft();
  items = storedItems.map((item) => ({
    ...item,
    name: `${item.name} as direct`,
    mode: 'direct',
    userPrompt: buildPrompt(item.question, 'direct', null).text,
  }));
});
afterAll(() => loaded.engine.dispose());

/** The exact answers of `POLICY`, by item: the same for every sampler that is held against them. */
const known = new Map<string, ReturnType<typeof exactAnswers>>();
function exactOf(item: StoredItem): ReturnType<typeof exactAnswers> {
  const answers = known.get(item.name) ?? exactAnswers(loaded.engine, item, POLICY, SMALLEST_MASS);
  known.set(item.name, answers);
  return answers;
}

/** Samples with one policy and compares with the exact distribution of `POLICY`. */
async function compare(changes: Partial<SamplerSettings>): Promise<Item[]> {
  const compared: Item[] = [];
  for (const item of items) {
    const exact = await exactOf(item);
    expect(exact.residual, item.name).toBeLessThan(ALLOWED_RESIDUAL);
    const prefill = await loaded.engine.prefill(item.image, item.userPrompt);
    const { samples } = await drawSamples(loaded.engine, prefill, item, { ...POLICY, ...changes });
    loaded.engine.release(prefill.cache);
    const counts = new Map<string | null, number>();
    for (const { text } of samples) {
      const { answer } = parseAnswer(text, item.question);
      counts.set(answer, (counts.get(answer) ?? 0) + 1);
    }
    const cells = [...exact.probabilities].map(([answer, probability]) => ({
      probability,
      count: counts.get(answer) ?? 0,
    }));
    const counted = cells.reduce((sum, { count }) => sum + count, 0);
    compared.push([...cells, { probability: exact.residual, count: samples.length - counted }]);
  }
  return compared;
}

/** Log-likelihood ratio of counts against probabilities, summed over items. */
function statistic(table: readonly Item[]): number {
  let sum = 0;
  for (const cells of table) {
    const n = cells.reduce((total, { count }) => total + count, 0);
    for (const { probability, count } of cells) {
      if (count > 0) sum += 2 * count * Math.log(count / (n * Math.max(probability, 1e-12)));
    }
  }
  return sum;
}

/** Share of simulated tables, drawn from the exact probabilities, that fit as badly. */
function pooledPValue(table: readonly Item[]): number {
  const observed = statistic(table);
  let asBad = 0;
  for (let simulation = 0; simulation < SIMULATIONS; simulation += 1) {
    const simulated = table.map((cells, at) => {
      const uniform = uniformStream(simulation, `item ${String(at)}`);
      return drawCounts(cells, uniform);
    });
    if (statistic(simulated) >= observed) asBad += 1;
  }
  return (asBad + 1) / (SIMULATIONS + 1);
}

/** Multinomial counts, one draw after the other. */
function drawCounts(cells: Item, uniform: (i: number, t: number) => number): Item {
  const n = cells.reduce((total, { count }) => total + count, 0);
  const counts = cells.map(() => 0);
  for (let draw = 0; draw < n; draw += 1) {
    let rest = uniform(draw, 0);
    let at = 0;
    while (at < cells.length - 1 && rest >= (cells[at]?.probability ?? 0)) {
      rest -= cells[at]?.probability ?? 0;
      at += 1;
    }
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return cells.map(({ probability }, at) => ({ probability, count: counts[at] ?? 0 }));
}

test('frequencies fit the exact distribution', { timeout: 600_000 }, async () => {
  const p = pooledPValue(await compare({}));
  console.info(
    `distribution: p = ${p.toPrecision(3)} over ${String(items.length)} items at K = ${String(K)}`,
  );
  expect(p).toBeGreaterThan(SIGNIFICANCE);
});

test.each([
  ['a planted top-k of 3', { topK: 3 }],
  ['an ignored top-p', { topP: 1 }],
] as const)('%s is rejected', { timeout: 600_000 }, async (_, planted) => {
  expect(pooledPValue(await compare(planted))).toBeLessThanOrEqual(SIGNIFICANCE);
});
