import { expect, test } from 'vitest';
import { recordOf } from '../../core/record-fixture.ts';
import { compareItems } from '../../core/sets/comparison.ts';
import { randomOf, simulatedPairs, simulatedParents } from '../../core/sets/set-fixture.ts';
import type { SideFacts } from '../../state/comparison.svelte.ts';
import { setRun } from '../../storage/set-run-fixture.ts';
import { stepsCaption, stepCaption } from './step-caption.ts';

const random = randomOf(11);
const pairs = simulatedPairs(simulatedParents(8, random), (item) => item, random);
const comparison = compareItems(
  pairs.map(({ parent }) => parent),
  pairs.map(({ child }) => child),
);
const {
  newRun: { run },
} = await setRun(2);
const { answerer } = recordOf([]);

function side(
  checkpointId: string,
  stage: 'base' | 'sft' | 'rl',
  of: SideFacts['run'] = run,
): SideFacts {
  return {
    ...{ runId: of.id, checkpointId, run: of },
    answerer: { ...answerer, checkpointId, stage },
  };
}
const step = (parent: SideFacts, child: SideFacts) => ({
  ...{ parent, child, comparison, problem: '' },
});

test('a step of one run', () => {
  expect(stepCaption(step(side('tiny-sft', 'sft'), side('tiny-rl', 'rl')))).toEqual([
    'Run: “Both, "K = 3"”',
    'Items that both answered: 8 (BloodMNIST 8)',
    'Checkpoints: tiny-sft (SFT) abc123, q4; tiny-rl (RL) abc123, q4',
    'Sampler: K = 3, T 0.7, top-p 0.9, top-k off, min-p off, at most 2048 tokens, seed 123; prompt mode direct',
    'Device: wasm',
    'Nulls: a second seed and wrong images were asked for',
    'Intervals: 95 %, paired bootstrap over items within each set, 2,000 resamples',
  ]);
});

test('of two runs what differs is said of each', () => {
  const { settings } = run;
  const other = {
    ...run,
    id: 'other',
    name: 'warm',
    settings: { ...settings, sampler: { ...settings.sampler, temperature: 1 } },
  };
  const lines = stepCaption(step(side('tiny-sft', 'sft'), side('tiny-sft', 'sft', other)));
  expect(lines[0]).toBe('Runs: “Both, "K = 3"”, “warm”');
  expect(lines.filter((line) => line.startsWith('Sampler'))).toEqual([
    expect.stringMatching(/T 0\.7.*\(“Both, "K = 3"”\)$/),
    expect.stringMatching(/T 1,.*\(“warm”\)$/),
  ]);
  expect(lines.filter((line) => line.startsWith('Nulls'))).toHaveLength(1);
});

test('the lineage names the items of each step', () => {
  const [base, sft, rl] = [
    side('tiny-base', 'base'),
    side('tiny-sft', 'sft'),
    side('tiny-rl', 'rl'),
  ];
  const lines = stepsCaption([step(base, sft), { ...step(sft, rl), comparison: null }]);
  expect(lines[1]).toBe('Items that both answered: tiny-base → tiny-sft 8, tiny-sft → tiny-rl 0');
  expect(lines[2]).toMatch(/^Checkpoints: tiny-base .*; tiny-sft .*; tiny-rl /);
  expect(stepsCaption([])).toEqual([]);
});
