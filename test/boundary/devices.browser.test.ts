/** The same run on wasm and on WebGPU (SwiftShader, on the CPU), each in its real worker. */

import { expect, test } from 'vitest';
import { buildPrompt } from '../../src/data/prompts.ts';
import type { DevicePreference } from '../../src/protocol/vlm.ts';
import { collect, tinySftBackend, type Answers } from '../support/backend.ts';
import { OPEN_SAMPLER } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';

const TOLERANCE = 1e-3;

async function run(device: DevicePreference): Promise<Answers> {
  const backend = tinySftBackend();
  await backend.load(device, { signal: new AbortController().signal, onEvent: () => undefined });
  expect(backend.device?.kind).toBe(device);
  expect(backend.device?.selfCheck?.passed).toBe(true);
  const item = storedItems.find(({ mode }) => mode === 'direct');
  if (!item) throw new Error('There is no stored item in direct mode.');
  const answers = await collect(backend, {
    image: item.image,
    promptText: buildPrompt(item.question, 'direct', null).text,
    itemId: item.name,
    sampler: { ...OPEN_SAMPLER, k: 4, maxNewTokens: 4 },
    greedy: true,
    firstIndex: 0,
  });
  backend.unload();
  return answers;
}

test('WebGPU and wasm agree', { timeout: 400_000 }, async () => {
  const onWasm = await run('wasm');
  const onGpu = await run('webgpu');
  expect(onGpu.greedy?.tokenIds).toEqual(onWasm.greedy?.tokenIds);
  const gpuTokens = new Map(
    onGpu.reply.firstTokens.map(({ tokenId, logProb }) => [tokenId, logProb]),
  );
  for (const { tokenId, logProb } of onWasm.reply.firstTokens.slice(0, 32)) {
    expect(Math.abs((gpuTokens.get(tokenId) ?? NaN) - logProb)).toBeLessThan(TOLERANCE);
  }
  const texts = ({ samples }: Answers): string[] => samples.map(({ text }) => text);
  expect(texts(onGpu)).toEqual(texts(onWasm));
  onGpu.greedy?.modelLogProbs?.forEach((logProb, at) => {
    expect(Math.abs(logProb - (onWasm.greedy?.modelLogProbs?.[at] ?? NaN))).toBeLessThan(TOLERANCE);
  });
});
