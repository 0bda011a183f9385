import { describe, expect, test } from 'vitest';
import { compareItems } from '../../core/sets/comparison.ts';
import { coldestPoint, cooledPoint, type CoolingState } from '../../core/sets/cooling.ts';
import {
  normalized,
  randomOf,
  simulatedPairs,
  simulatedParents,
  type Simulated,
} from '../../core/sets/set-fixture.ts';
import type { CooledControl } from '../../state/cooled-control.ts';
import {
  controlSentence,
  cooledRows,
  cooledVerdict,
  costWords,
  paceMs,
  pointsWords,
} from './cooled-words.ts';

const estimate = (value: number, lower: number, upper: number) => ({
  value,
  interval: { lower, upper },
});

/** Probability moved onto the right option, or off it. */
const shifted =
  (share: number) =>
  (item: Simulated): Simulated => ({
    ...item,
    probabilities: normalized(
      item.probabilities.map((probability, option) =>
        item.rightOptions.includes(option) ? probability + share : probability,
      ),
    ),
  });

function controlOf(childOf: (item: Simulated) => Simulated, state?: CoolingState): CooledControl {
  const random = randomOf(11);
  const pairs = simulatedPairs(simulatedParents(60, random), childOf, random);
  const parents = pairs.map(({ parent }) => parent);
  const children = pairs.map(({ child }) => child);
  const point = cooledPoint(0.42, parents);
  const own = { ...point, temperature: 1, entropyNats: 1.5 };
  return {
    // Words read nothing of the step.
    step: {} as CooledControl['step'],
    curve: [coldestPoint(parents), point, own],
    child: { ...cooledPoint(1, children), entropyNats: 0.3 },
    state: state ?? { kind: 'matched', point: { ...point, entropyNats: 0.31 } },
    matched: null,
    comparison: state ? null : compareItems(parents, children),
  };
}

describe('the sentence', () => {
  test.each([
    [0.4, 'more', /: \d+ points more \(\d+ to \d+\)\. Training did more than cool\.$/],
    [0, 'open', /more\)\. Training is not told apart from cooling, which needs no training\.$/],
    [-0.04, 'less', /: \d+ points less \(\d+ to \d+\)\. Training did less than cooling would\.$/],
  ])('of a child with %s more on the right answer says %s', (share, verdict, end) => {
    const drop = (item: Simulated): Simulated =>
      share >= 0
        ? shifted(share)(item)
        : {
            ...item,
            probabilities: item.probabilities.map((probability, option) =>
              item.rightOptions.includes(option) ? probability / 2 : probability,
            ),
          };
    const control = controlOf(drop);
    expect(cooledVerdict(control)).toBe(verdict);
    const sentence = controlSentence(control, 'sft', 'rl') ?? '';
    expect(sentence).toMatch(
      /^Cooled to T = 0\.42, sft is as sharp as rl \(0\.31 against 0\.30 nats\), and \d+\s% of its answers are right\. Of rl’s \d+\s% are/,
    );
    expect(sentence).toMatch(end);
  });

  test('claims nothing where the entropies do not meet, and says which they are', () => {
    const notSharper = controlOf(shifted(0), { kind: 'not-sharper' });
    expect(controlSentence(notSharper, 'sft', 'rl')).toBe(
      'rl is no sharper than sft (0.30 against 1.50 nats): cooling has nothing to explain here, and the control says nothing.',
    );
    const nearest = { temperature: 0.4, entropyNats: 0.2, sampleAccuracy: 0.5 };
    const unreachable = controlOf(shifted(0), { kind: 'unreachable', nearest });
    expect(controlSentence(unreachable, 'sft', 'rl')).toBe(
      'No temperature makes sft as sharp as rl: the nearest, sft at T = 0.4 has 0.20 nats, rl 0.30. So the control claims nothing.',
    );
    const open = controlOf(shifted(0), { kind: 'open', next: 0.3, between: [0, 0.42] });
    expect(controlSentence(open, 'sft', 'rl')).toContain('sft at T = 0.42 has');
    for (const control of [notSharper, unreachable, open])
      expect(cooledVerdict(control)).toBe('none');
  });

  test('is not there before anything was asked, nor before the figures are', () => {
    const open = controlOf(shifted(0), { kind: 'open', next: 0.3, between: [0, 1] });
    const [coldest, , own] = open.curve;
    if (!coldest || !own) throw new Error('There are three.');
    const matched: CoolingState = { kind: 'matched', point: own };
    expect(controlSentence({ ...open, curve: [coldest, own] }, 'sft', 'rl')).toBeNull();
    expect(controlSentence({ ...open, state: matched }, 'sft', 'rl')).toBeNull();
  });
});

test.each([
  [estimate(0.09, 0.03, 0.15), '9 points more (3 to 15)'],
  [estimate(-0.04, -0.07, -0.01), '4 points less (1 to 7)'],
  [estimate(0.02, -0.03, 0.07), '2 points more (3 less to 7 more)'],
  [estimate(-0.02, -0.07, 0.03), '2 points less (7 less to 3 more)'],
  [estimate(0.01, 0.003, 0.02), '1 point more (0.3 to 2)'],
  [estimate(-0.02, -0.05, -0.01), '2 points less (1 to 5)'],
  [estimate(0, 0, 0), '0 points more (0 to 0)'],
])('points: %j is %s', (change, words) => {
  expect(pointsWords(change)).toBe(words);
});

test('the cost, and the rows by figure', () => {
  expect(costWords(40, 16, 4, null)).toBe(
    '40 items × 16 samples × at most 4 temperatures: up to 2,560 samples.',
  );
  expect(costWords(40, 16, 4, 50)).toMatch(
    /: up to 2,560 samples, about 2\D.* at the pace of the parent’s run\.$/,
  );
  const settings = { sampler: { k: 16 }, nulls: true } as never;
  const run = { origin: 'here', elapsedMs: 4800, done: 2, settings } as const;
  expect(paceMs(run)).toBe(50);
  expect(paceMs({ ...run, origin: 'imported' })).toBeNull();
  expect(paceMs({ ...run, done: 0 })).toBeNull();
  const { comparison } = controlOf(shifted(0.4));
  if (comparison === null) throw new Error('It is there.');
  const rows = cooledRows(comparison);
  expect(rows.map(({ id }) => id)).toEqual([
    'entropy',
    'right',
    'informative',
    'support',
    'accuracy',
  ]);
  expect(rows[1]).toMatchObject({ direction: 'up', change: expect.stringMatching(/^\+0\.\d\d/) });
  expect(rows[3]?.label).toBe('S within 16 samples');
});
