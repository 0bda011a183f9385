import { describe, expect, test } from 'vitest';
import { recordOf } from '../../core/record-fixture.ts';
import { compareItems } from '../../core/sets/comparison.ts';
import { randomOf, simulatedPairs, simulatedParents } from '../../core/sets/set-fixture.ts';
import type { ComparisonStep, SideFacts } from '../../state/comparison.svelte.ts';
import type { Stage } from '../../core/types.ts';
import { setRun } from '../../storage/set-run-fixture.ts';
import {
  accuracyOf,
  entropyOf,
  lineageK,
  lineagePoints,
  lineageStages,
  supportOf,
} from './lineage-points.ts';
import {
  leftOutWords,
  measureChoices,
  rlOnWords,
  transferColumns,
  transferFacts,
  transferLines,
} from './transfer-view.ts';

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

const side = (checkpointId: string, stage: Stage, of: SideFacts['run'] = run): SideFacts => ({
  ...{ runId: of.id, checkpointId, run: of },
  answerer: { ...answerer, checkpointId, stage },
});
const step = (
  parent: SideFacts,
  child: SideFacts,
  of: ComparisonStep['comparison'] = comparison,
): ComparisonStep => ({ ...{ parent, child, comparison: of, problem: '' } });
const [base, sft, rl, one] = [
  ...[side('base', 'base'), side('sft', 'sft'), side('rl', 'rl'), side('rl-one', 'rl')],
] as const;

describe('rows of the transfer map', () => {
  const rows = [
    { step: step(sft, rl), rlOn: ['bloodmnist', 'pathmnist', 'retinamnist'] },
    { step: step(sft, one, null), rlOn: ['organamnist'] },
  ];

  test('a parent of several rows is one side: its name needs no run', () => {
    const lines = transferLines(rows, 'accuracy');
    expect(lines.map(({ title, about, own }) => [title, about, own.length])).toEqual([
      ['sft → rl', 'RL on 3 sets', 3],
      ['sft → rl-one', 'RL on OrganAMNIST, Abdominal CT', 1],
    ]);
    expect(lines[0]?.cells?.map(({ dataset, items }) => [dataset, items])).toEqual([
      ['bloodmnist', 8],
    ]);
    expect(lines[1]?.cells).toBeNull();
    expect(transferColumns(lines)).toEqual([
      {
        ...{ dataset: 'bloodmnist', title: 'BloodMNIST', shortTitle: 'Blood' },
        about: 'Blood Cell Microscope',
      },
    ]);
    const twice = [
      ...rows,
      { step: step(sft, side('rl', 'rl', { ...run, id: 'b', name: 'again' })), rlOn: [] },
    ];
    expect(transferLines(twice, 'accuracy').map(({ title }) => title)).toEqual([
      ...[`sft → rl · ${run.name}`, 'sft → rl-one', 'sft → rl · again'],
    ]);
  });

  test('say what they are of: sampler and mode in short, the sets of each RL in full', () => {
    const { line, full } = transferFacts(rows);
    expect(line).toBe('K = 3, T 0.7, top-p 0.9, seed 123 · direct · wasm');
    expect(full).toContain('RL of rl was run on: BloodMNIST, PathMNIST, RetinaMNIST');
    expect(full.find((words) => words.startsWith('Items'))).toBe(
      'Items that both answered: sft → rl 8, sft → rl-one 0',
    );
    expect(measureChoices(rows).map(({ label }) => label)[2]).toBe('ΔS, k = 3');
    expect(leftOutWords(step(rl, one))).toContain('rl-one was not trained straight from rl');
  });

  test('sets in words', () => {
    expect(rlOnWords(null)).toContain('not known');
    expect(rlOnWords(['bloodmnist', 'own set'])).toBe('RL on BloodMNIST and own set');
    expect(rlOnWords(['own set'])).toBe('RL on own set');
  });
});

describe('points of the lineage', () => {
  const isTrained = ({ child }: ComparisonStep): boolean => child !== one;

  test('each checkpoint once, joined to the one that it was trained from', () => {
    const stages = lineageStages([step(base, sft), step(sft, rl), step(rl, one)], isTrained);
    expect(stages.map(({ side: { checkpointId }, isJoined }) => [checkpointId, isJoined])).toEqual([
      ...[
        ['base', false],
        ['sft', true],
        ['rl', true],
        ['rl-one', false],
      ],
    ]);
    const points = lineagePoints(stages, accuracyOf);
    // Eight options: one guess is right in an eighth.
    expect(points.map(({ chance }) => chance)).toEqual([0.125, 0.125, 0.125, 0.125]);
    expect(points[1]?.estimate).toBe(comparison?.paired.all.child.accuracyAt1);
    expect(points.map(({ stage }) => stage)).toEqual(['base', 'sft', 'rl', 'rl']);
    expect(lineagePoints(stages, entropyOf)[0]?.chance).toBeNull();
  });

  test('a step without figures leaves a gap: the next begins with its own parent', () => {
    const stages = lineageStages([step(base, sft, null), step(sft, rl)], isTrained);
    expect(stages.map(({ side: { checkpointId }, isJoined }) => [checkpointId, isJoined])).toEqual([
      ['sft', false],
      ['rl', true],
    ]);
  });

  test('k is the largest at which all have samples and guessing rarely passes', () => {
    const stages = lineageStages([step(base, sft)], isTrained);
    // 1 − (7/8)^8 = 0.66, 1 − (7/8)^16 = 0.88.
    expect(lineageK(stages)).toBe(8);
    const [first] = stages;
    if (!first) throw new Error('There is a stage.');
    expect(supportOf(first.figures, 8).chance).toBeCloseTo(1 - (7 / 8) ** 8, 12);
    const few = { ...first.figures, passAtK: first.figures.passAtK.slice(0, 2) };
    expect(lineageK([first, { ...first, figures: few }])).toBe(2);
    expect(supportOf(few, 8)).toEqual({
      ...{ estimate: { value: null, interval: null }, chance: null },
    });
    expect(lineageK([])).toBe(1);
  });
});
