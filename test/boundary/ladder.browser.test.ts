/**
 * The ladder of devices on the SwiftShader adapter, which computes grouped-query attention wrongly
 * where it has subgroups, and what the self-test makes of weights that were damaged on their way.
 */

import { afterEach, expect, test, vi } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import type { DevicePreference, LoadRequest } from '../../src/protocol/vlm.ts';
import { ProgressMeter } from '../../workers/vlm/checkpoint-files.ts';
import { loadCheckpoint, type Loaded } from '../../workers/vlm/load.ts';

const FP32 = { vision_encoder: 'fp32', embed_tokens: 'fp32', decoder_model_merged: 'fp32' };
const FIRST_TOKENS = 'supportlens-first-tokens';

let loaded: Loaded | null = null;
afterEach(async () => {
  vi.unstubAllGlobals();
  await loaded?.engine.dispose();
  loaded?.gpu?.device.destroy();
  loaded = null;
});

async function load(
  device: DevicePreference,
  dtype: LoadRequest['dtype'] | null = null,
): Promise<Loaded> {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row) throw new Error('tiny-sft is not in the table.');
  const modelsUrl = new URL('/models/', location.href).href;
  const request = { modelsUrl, checkpointId: row.id, dtype: dtype ?? row.dtype, device };
  const meter = new ProgressMeter(() => undefined);
  loaded = await loadCheckpoint(request, meter, new AbortController().signal);
  return loaded;
}

test('with subgroups the operators are wrong, without them they are right', async () => {
  const { checkpoint } = await load('auto');
  const { kind, rungs, reason, selfCheck } = checkpoint.device;
  const [withSubgroups, without] = rungs;
  expect(rungs.map(({ rung, outcome }) => [rung, outcome])).toEqual([
    ['webgpu', 'failed'],
    ['webgpu-without-subgroups', 'runs'],
  ]);
  expect(withSubgroups?.features).toContain('subgroups');
  expect(withSubgroups?.operators?.passed).toBe(false);
  expect(withSubgroups?.firstToken).toBeNull();
  expect(without?.features).not.toContain('subgroups');
  expect(without?.operators?.maxAbsError).toBeLessThan(1e-4);
  expect(without?.limits['maxBufferSize']).toBeGreaterThan(0);
  expect(without?.firstToken).toBe(selfCheck);
  expect(selfCheck?.passed).toBe(true);
  expect(kind).toBe('webgpu');
  expect(reason).toContain('known operators');
  console.info(
    `operators off by ${String(withSubgroups?.operators?.maxAbsError)} with subgroups, by ${String(without?.operators?.maxAbsError)} without`,
  );
});

test('damaged weights do not pass, on any rung', async () => {
  const { fetch } = globalThis;
  vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
    const response = await fetch(...args);
    const [address] = args;
    if (!(address instanceof URL) || !address.pathname.includes('decoder_model')) return response;
    const bytes = new Uint8Array(await response.arrayBuffer());
    // Inside the weights of the first layer; the file stays a valid graph of the same size.
    const middle = Math.floor(bytes.length / 2);
    for (let at = middle; at < middle + 4096; at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0x88;
    return new Response(bytes);
  });
  await expect(load('wasm')).rejects.toMatchObject({ name: 'SelfCheckFailed' });
});

test('a checkpoint without a stored reference is compared with wasm, computed once', async () => {
  await caches.delete(FIRST_TOKENS);
  const first = await load('webgpu', FP32);
  expect(first.checkpoint.device.selfCheck?.passed).toBe(true);
  const cache = await caches.open(FIRST_TOKENS);
  const [key] = await cache.keys();
  if (!key) throw new Error('Nothing was kept.');
  // What is kept is what later loads are compared with.
  const kept = (await (await cache.match(key))?.json()) as { id: number; logProb: number }[];
  const changed = kept.map(({ id, logProb }) => ({ id, logProb: logProb - 1 }));
  await cache.put(key, new Response(JSON.stringify(changed)));
  await expect(load('webgpu', FP32)).rejects.toMatchObject({ name: 'SelfCheckFailed' });
  await caches.delete(FIRST_TOKENS);
});
