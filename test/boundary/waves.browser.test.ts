/** A run that does not fit the memory is finished in waves, with the same answers, and says so. */

import { expect, test } from 'vitest';
import { BUILT_IN_CHECKPOINTS } from '../../src/backend/checkpoints.ts';
import type { Sample } from '../../src/core/types.ts';
import type { AnswerReply } from '../../src/protocol/vlm.ts';
import type { MemoryLimits } from '../../workers/vlm/memory-plan.ts';
import { CheckpointService } from '../../workers/vlm/service.ts';
import { builtIn } from '../support/backend.ts';
import { OPEN_SAMPLER } from '../support/engine.ts';
import { storedItems } from '../support/fixtures.ts';

const [item] = storedItems;
const K = 24;
/** Rounding of another batch size can move a sample; the tree test bounds that share. */
const ALLOWED_DIFFERENT = 1;

async function answerWith(
  limits: MemoryLimits | null,
): Promise<{ reply: AnswerReply; texts: string[] }> {
  const row = BUILT_IN_CHECKPOINTS.find(({ id }) => id === 'tiny-sft');
  if (!row || !item) throw new Error('There is no checkpoint or no stored item.');
  const service = new CheckpointService(limits);
  const request = {
    source: builtIn,
    checkpointId: row.id,
    dtype: row.dtype,
    device: 'wasm',
  } as const;
  await service.load('load', request, () => undefined);
  const samples: Sample[] = [];
  const reply = await service.answer(
    'answer',
    {
      image: item.image,
      promptText: item.userPrompt,
      itemId: item.name,
      sampler: { ...OPEN_SAMPLER, k: K },
      greedy: false,
      firstIndex: 0,
    },
    (event) => {
      if (event.type === 'samples') samples.push(...event.samples);
    },
  );
  samples.sort((a, b) => a.index - b.index);
  return { reply, texts: samples.map(({ text }) => text) };
}

test('a forced limit of a few rows gives the same answers, in waves', async () => {
  const whole = await answerWith(null);
  expect(whole.reply.inWaves).toBe(false);
  expect(whole.reply.rowsLimit).toBeGreaterThan(K);

  // Five copies of a cache of 4,096 bytes a position, for prompt and 64 new tokens, and the logits.
  const rowBytes = 5 * 4096 * (whole.reply.promptTokens + 64) + 2 * 4 * 952;
  const limits = { totalBytes: 3 * rowBytes, tensorBytes: null, weightsBytes: null };
  const inWaves = await answerWith(limits);
  expect(inWaves.reply.rowsLimit).toBe(3);
  expect(inWaves.reply.inWaves).toBe(true);
  expect(inWaves.texts).toHaveLength(K);
  const different = inWaves.texts.filter((text, at) => text !== whole.texts[at]);
  expect(different.length).toBeLessThanOrEqual(ALLOWED_DIFFERENT);
});

test('where not even one answer fits, the run is refused before it starts', async () => {
  const limits = { totalBytes: 1000, tensorBytes: null, weightsBytes: null };
  await expect(answerWith(limits)).rejects.toMatchObject({ name: 'OutOfMemory' });
});
