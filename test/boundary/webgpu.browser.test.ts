/**
 * The whole sampler (fork, gather, prune) on SwiftShader against wasm, under the rounding rule of the
 * tree test; what each step reads back; and that buffers do not pile up over runs.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import { buildPrompt } from '../../src/data/prompts.ts';
import { ProgressMeter } from '../../workers/vlm/checkpoint-files.ts';
import { loadCheckpoint, type Loaded } from '../../workers/vlm/load.ts';
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
beforeAll(async () => {
  gpu = await loadOn('webgpu');
}, 400_000);
afterAll(async () => {
  await gpu.engine.dispose();
  gpu.gpu?.device.destroy();
});

async function loadOn(device: 'webgpu' | 'wasm'): Promise<Loaded> {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  const modelsUrl = new URL('/models/', location.href).href;
  const request = { modelsUrl, checkpointId: row.id, dtype: row.dtype, device } as const;
  return loadCheckpoint(request, new ProgressMeter(() => undefined), new AbortController().signal);
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
  const wasm = await loadOn('wasm');
  const onWasm = await draw(wasm);
  await wasm.engine.dispose();
  const onGpu = await draw(gpu);
  expect(onGpu.cost.rows).toBeGreaterThan(2 * onGpu.cost.steps);
  expect(excused(onGpu, onWasm, ROUNDING, 'WebGPU')).toBeLessThanOrEqual(1);
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
