import { expect, test } from 'vitest';
import { recordOf } from '../../core/record-fixture.ts';
import { randomOf, simulatedItem } from '../../core/sets/set-fixture.ts';
import { setRun } from '../../storage/set-run-fixture.ts';
import { setCaption } from './set-caption.ts';

const random = randomOf(1);
const items = [1, 2, 3].map((id) =>
  simulatedItem({ id, probabilities: [0.5, 0.5], rightOptions: [0] }, random),
);

test('run, sets, checkpoints with their n, sampler, devices, nulls, intervals', async () => {
  const {
    newRun: { run },
  } = await setRun(3);
  const { answerer } = recordOf([]);
  const answerers = {
    'tiny-base': { ...answerer, checkpointId: 'tiny-base', stage: 'base' as const },
    'tiny-sft': answerer,
  };
  const shown = [
    { id: 'tiny-base', items },
    { id: 'tiny-sft', items: items.slice(1) },
  ];
  expect(setCaption({ ...run, answerers }, shown)).toEqual([
    'Run “Both, "K = 3"”: BloodMNIST 2 items, PathMNIST 1 item',
    'Checkpoints: tiny-base (base) abc123, q4; tiny-sft (SFT) abc123, q4; n = 3 items (tiny-base), 2 items (tiny-sft)',
    'Sampler: K = 3, T 0.7, top-p 0.9, top-k off, min-p off, at most 2048 tokens, seed 123; prompt mode direct',
    'Device: wasm',
    'Nulls: a second seed and wrong images were asked for',
    'Intervals: 95 %, bootstrap over items within each set, 2,000 resamples',
  ]);
  const without = { ...run, answerers, settings: { ...run.settings, nulls: false } };
  const lines = setCaption(without, shown.slice(0, 1));
  expect(lines[1]).toBe('Checkpoint: tiny-base (base) abc123, q4; n = 3 items');
  expect(lines[4]).toBe('Nulls: none were drawn');
  const [part] = setCaption({ ...run, shard: { number: 3, of: 16 } }, shown);
  expect(part).toBe(
    'Run “Both, "K = 3", shard 3 of 16”: a part of BloodMNIST 2 items, PathMNIST 1 item',
  );
});
