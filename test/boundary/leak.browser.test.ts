/** Runs one after the other do not need more and more memory: the wasm heap is flat after the first. */

import { expect, test } from 'vitest';
import { loadTinySft, drawSamples, OPEN_SAMPLER } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';
import { installMemoryProbe } from '../support/memory-probe.ts';

/** 200 in `npm run test:long`. */
const RUNS = Number(import.meta.env['VITE_LEAK_RUNS'] ?? 20);
const SETTLED_AFTER = 10;

const probe = installMemoryProbe();

test(`the wasm heap is flat over ${String(RUNS)} runs`, { timeout: 3_600_000 }, async () => {
  const { engine } = await loadTinySft();
  const heap: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const item = storedItems[run % 4];
    if (!item) throw new Error('There are too few stored items.');
    const prefill = await engine.prefill(item.image, item.userPrompt);
    // The same four runs in turn: the heap has seen its largest step when each has run twice.
    await drawSamples(engine, prefill, item, { ...OPEN_SAMPLER, k: 8, seed: run % 4 });
    engine.release(prefill.cache);
    heap.push(probe.wasmBytes());
  }
  await engine.dispose();
  console.info(
    `wasm heap after runs 1, 10, ${String(RUNS)}: ${[0, 9, RUNS - 1].map((at) => String(heap[at])).join(', ')}`,
  );
  expect(heap[0]).toBeGreaterThan(0);
  expect(new Set(heap.slice(SETTLED_AFTER)).size).toBe(1);
  expect(heap.at(-1)).toBe(heap[SETTLED_AFTER]);
});
