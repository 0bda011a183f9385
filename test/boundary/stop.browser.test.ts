/**
 * Stop takes effect within one decode step at any K: a `cancel` that comes in while a forward pass is
 * under way lets that pass end and no other begin. Counted at the engine of the real service, which
 * here runs on the page's own thread: what reaches it late is then not the page's doing.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AnswerRequest } from '../../src/protocol/vlm.ts';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import { requireAnswering } from '../../workers/vlm/load.ts';
import { CheckpointService } from '../../workers/vlm/service.ts';
import type { VlmEngine } from '../../workers/vlm/engine.ts';
import { builtIn } from '../support/backend.ts';
import { OPEN_SAMPLER } from '../support/engine.ts';
import { thinkItems } from '../support/fixtures.ts';

const STOP_IN_PASS = 9;
const service = new CheckpointService();
let engine: VlmEngine;
let passes = 0;
/** Runs when a pass begins, with its number. */
let onPass: (pass: number) => void = () => undefined;

beforeAll(async () => {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  const asked = {
    source: builtIn,
    checkpointId: row.id,
    dtype: row.dtype,
    device: 'wasm',
  } as const;
  await service.load('load', asked, () => undefined);
  const loaded = service['loaded'];
  if (!loaded) throw new Error('Nothing is loaded.');
  engine = requireAnswering(loaded).engine;
  const step = engine.step.bind(engine);
  engine.step = (...given) => {
    passes += 1;
    onPass(passes);
    return step(...given);
  };
});
afterAll(() => engine.dispose());

/** Calls `work` from a message, as a worker is called. */
function byMessage(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(null);
}

function request(k: number): AnswerRequest {
  const [item] = thinkItems(1);
  if (!item) throw new Error('There is no stored item.');
  return {
    image: item.image,
    promptText: item.userPrompt,
    itemId: item.name,
    sampler: { ...OPEN_SAMPLER, k },
    greedy: true,
    firstIndex: 0,
  };
}

test.each([1, 64, 1024])(
  'at K = %d the pass in which Stop comes is the last but at most one',
  async (k) => {
    passes = 0;
    onPass = (pass) => {
      if (pass === STOP_IN_PASS) byMessage(() => service.cancel('run'));
    };
    let told = 0;
    const reply = await service.answer('run', request(k), (event) => {
      if (event.type === 'step') told += 1;
    });
    onPass = () => undefined;
    expect(reply.completed).toBe(false);
    expect(passes).toBeGreaterThanOrEqual(STOP_IN_PASS);
    expect(passes - STOP_IN_PASS).toBeLessThanOrEqual(1);
    expect([reply.steps, told]).toEqual([passes, passes]);
    // The checkpoint is free again, and a run to the end takes more passes than that.
    const next = await service.answer('next', request(1), () => undefined);
    expect(next.completed).toBe(true);
    expect(next.steps).toBeGreaterThan(STOP_IN_PASS + 1);
  },
);
