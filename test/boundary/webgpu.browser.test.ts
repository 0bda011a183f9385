/**
 * The whole sampler (fork, gather, prune) on SwiftShader against wasm, under the rounding rule of the
 * tree test; what each step reads back; and that buffers do not pile up over runs.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import { answerBounds } from '../../src/core/answer-bounds.ts';
import { buildPrompt } from '../../src/data/prompts.ts';
import { AnswerTree } from '../../workers/vlm/answer-tree.ts';
import { ProgressMeter } from '../../workers/vlm/checkpoint-files.ts';
import { expandExactly } from '../../workers/vlm/exact.ts';
import { loadVlm, type Loaded } from '../../workers/vlm/load.ts';
import { builtIn } from '../support/backend.ts';
import { drawSamples, OPEN_SAMPLER, type Drawn } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';
import { installMemoryProbe } from '../support/memory-probe.ts';
import { excused } from '../support/same-samples.ts';

/** Another device rounds otherwise; its logits differ by less than this in probability. */
const ROUNDING = 1e-4;
const RUNS = Number(import.meta.env['VITE_LEAK_RUNS_GPU'] ?? 4);
const LOGIT_BYTES = 4;

const probe = installMemoryProbe();
/** Hot, so that the tree forks, moves and prunes within a few steps: each takes long on this adapter. */
const sampler = { ...OPEN_SAMPLER, k: 8, temperature: 3, maxNewTokens: 5 };

let gpu: Loaded;
let wasm: Loaded;
beforeAll(async () => {
  gpu = await loadOn('webgpu');
  wasm = await loadOn('wasm');
}, 400_000);
afterAll(async () => {
  await wasm.engine.dispose();
  await gpu.engine.dispose();
  gpu.gpu?.device.destroy();
});

async function loadOn(device: 'webgpu' | 'wasm'): Promise<Loaded> {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  const request = { source: builtIn, checkpointId: row.id, dtype: row.dtype, device } as const;
  return loadVlm(request, new ProgressMeter(() => undefined), new AbortController().signal);
}

const [stored] = storedItems;
if (!stored) throw new Error('There is no stored item.');
const item = { ...stored, userPrompt: buildPrompt(stored.question, 'think', null).text };

async function draw({ engine }: Loaded): Promise<Drawn> {
  const prefill = await engine.prefill(item.image, item.userPrompt);
  const drawn = await drawSamples(engine, prefill, item, sampler);
  engine.release(prefill.cache);
  return drawn;
}

test('the sampler gives the samples of wasm', { timeout: 400_000 }, async () => {
  const onWasm = await draw(wasm);
  const onGpu = await draw(gpu);
  expect(onGpu.cost.rows).toBeGreaterThan(2 * onGpu.cost.steps);
  expect(excused(onGpu, onWasm, ROUNDING, 'WebGPU')).toBeLessThanOrEqual(1);
});

/** Bounds of the direct answer, after a beginning if one is given; filters keep the tree small. */
async function bound({ engine }: Loaded, given: string) {
  const policy = { temperature: 0.7, topK: 0, topP: 0.9, minP: 0 };
  const { image, question } = item;
  const prompt = buildPrompt(question, 'direct', null).text;
  const prefill = await engine.prefill(image, prompt);
  const givenTokenIds = given === '' ? [] : engine.encode(given);
  const start =
    givenTokenIds.length === 0 ? prefill : await engine.extend(prefill.cache, givenTokenIds);
  const limits = { maxNewTokens: 8, epsilon: 1e-3, nodeBudget: 200, maxRows: 64 };
  const tree = new AnswerTree(engine, { ...limits, question, givenTokenIds, logitsBytes: 2 ** 24 });
  const result = await expandExactly(engine, start, tree, {
    ...limits,
    policy,
    memoryBytes: 2 ** 28,
    onPass: () => Promise.resolve(true),
  });
  for (const { cache } of new Set([prefill, start])) engine.release(cache);
  return { ...answerBounds(result.masses, question), status: result.status };
}

test('exact bounds are those of wasm', { timeout: 400_000 }, async () => {
  // The second is a beginning that someone wrote: it goes through the model in one pass.
  for (const given of ['', '<answer>']) {
    const onWasm = await bound(wasm, given);
    const onGpu = await bound(gpu, given);
    expect(onGpu.status).toBe('epsilon');
    expect(onGpu.answers.map(({ answer }) => answer)).toEqual(
      onWasm.answers.map(({ answer }) => answer),
    );
    onGpu.answers.forEach(({ answer, lower }, at) => {
      expect(lower, String(answer)).toBeCloseTo(onWasm.answers[at]?.lower ?? NaN, 3);
    });
  }
});

test('a step reads back the live rows’ logits and nothing else', { timeout: 400_000 }, async () => {
  const { engine } = gpu;
  const prefill = await engine.prefill(item.image, item.userPrompt);
  // Embeddings are asked for once per token; after that they are known.
  engine.release((await engine.step(prefill.cache, [31])).cache);
  for (const rows of [1, 3]) {
    probe.takeReadBytes();
    const cache = await engine.gather(prefill.cache, new Array<number>(rows).fill(0));
    const gatherBytes = probe.takeReadBytes();
    const step = await engine.step(cache, new Array<number>(rows).fill(31));
    const stepBytes = probe.takeReadBytes();
    console.info(`${String(rows)} rows: ${String(gatherBytes)} + ${String(stepBytes)} bytes read`);
    expect(gatherBytes).toBe(0);
    expect(stepBytes).toBe(rows * engine.vocabSize * LOGIT_BYTES);
    engine.release(cache);
    engine.release(step.cache);
  }
  engine.release(prefill.cache);
});

test('buffers do not pile up over runs', { timeout: 400_000 }, async () => {
  await draw(gpu);
  const counts: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await draw(gpu);
    counts.push(probe.liveBuffers());
  }
  console.info(`live buffers after each run: ${counts.join(', ')}`);
  expect(counts.at(-1)).toBeLessThanOrEqual(counts[0] ?? 0);
});
