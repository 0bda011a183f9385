import { describe, expect, it } from 'vitest';
import { changeEvidence, changeVerdict, type ChangeEvidence } from './change-verdict.ts';
import { directionOf, pairedFigures } from './pair-figures.ts';
import { seedPairs, type Pair } from './pair-items.ts';
import type { Estimate } from './resampling.ts';
import {
  normalized,
  randomOf,
  simulatedItem,
  simulatedPairs,
  simulatedParents,
  type Simulated,
} from './set-fixture.ts';

/** Enough for a verdict that is checked over many repetitions. */
const RESAMPLES = 300;
const TIMEOUT_MS = 120_000;
const ITEMS = 100;

const up: Estimate = { value: 0.1, interval: { lower: 0.05, upper: 0.15 } };
const down: Estimate = { value: -0.1, interval: { lower: -0.15, upper: -0.05 } };
const open: Estimate = { value: 0.01, interval: { lower: -0.05, upper: 0.07 } };
const still: Estimate = { value: 0, interval: { lower: 0, upper: 0 } };
const unknown: Estimate = { value: null, interval: null };

const STILL: ChangeEvidence = {
  accuracyAt1: still,
  entropyNats: still,
  imageSupport: still,
  informativeSupport: still,
  gap: still,
};

describe('changeVerdict', () => {
  it.each<[string, Partial<ChangeEvidence>]>([
    ['no clear change', {}],
    ['learned', { accuracyAt1: up, imageSupport: up, informativeSupport: up }],
    ['learned', { accuracyAt1: up, imageSupport: up, informativeSupport: up, entropyNats: down }],
    ['sharpened', { accuracyAt1: up, entropyNats: down }],
    ['sharpened', { accuracyAt1: up, entropyNats: down, gap: down }],
    // Sharpening lifts image support by itself (docs/decisions/0008).
    ['sharpened', { accuracyAt1: up, entropyNats: down, imageSupport: up }],
    ['sharpened', { accuracyAt1: up, entropyNats: down, informativeSupport: up }],
    ['widened', { imageSupport: up, informativeSupport: up }],
    ['widened', { imageSupport: up, informativeSupport: up, entropyNats: down, gap: down }],
    ['no clear change', { imageSupport: up }],
    ['no clear change', { imageSupport: up, informativeSupport: open }],
    ['no clear change', { accuracyAt1: up }],
    ['no clear change', { accuracyAt1: up, entropyNats: open }],
    ['collapsed', { entropyNats: down, gap: down }],
    ['collapsed', { entropyNats: down, gap: down, accuracyAt1: down }],
    ['no clear change', { entropyNats: down, gap: down, accuracyAt1: open }],
    ['no clear change', { entropyNats: down, gap: down, accuracyAt1: unknown }],
    ['no clear change', { entropyNats: down, gap: open }],
    ['no clear change', { gap: down }],
    ['sharpened', { accuracyAt1: up, entropyNats: down, imageSupport: unknown }],
  ])('is %s for %j', (verdict, evidence) => {
    expect(changeVerdict({ ...STILL, ...evidence })).toBe(verdict);
  });
});

describe('directionOf', () => {
  it('needs an interval that excludes 0', () => {
    expect([up, down, open, still, unknown].map(directionOf)).toEqual([
      'up',
      'down',
      'open',
      'open',
      'unknown',
    ]);
    expect(directionOf({ interval: { lower: 0, upper: 0.1 } })).toBe('open');
  });
});

function verdictOf(pairs: readonly Pair[]): string {
  return changeVerdict(changeEvidence(pairedFigures(pairs, RESAMPLES).all.change));
}

describe('changeEvidence', () => {
  const certain = (id: number, right: boolean, n = 4): Simulated => ({
    id,
    n,
    probabilities: right ? [1, 0, 0, 0] : [0, 0.5, 0.5, 0],
    rightOptions: [0],
  });
  const random = randomOf(5);
  const learned = Array.from({ length: 6 }, (_, id) => ({
    parent: simulatedItem(certain(id, false, 16), random),
    child: simulatedItem(certain(id, true, 16), random),
  }));

  it('gives no verdict for fewer than six pairs, whose bootstrap is too sure', () => {
    expect(verdictOf(learned)).toBe('learned');
    expect(verdictOf(learned.slice(1))).toBe('no clear change');
  });

  it('does not take image support from fewer than six pairs with nulls', () => {
    const [first, ...rest] = learned;
    if (!first) throw new Error('no pairs');
    const withoutNulls = simulatedItem(certain(0, false, 16), random);
    const blindless = { ...withoutNulls, draw: { ...withoutNulls.draw, supportedByImage: null } };
    expect(verdictOf([...rest, { parent: blindless, child: first.child }])).toBe('sharpened');
  });

  it('takes G at a k that all items have', () => {
    const parents = Array.from({ length: 8 }, (_, id) => ({
      ...certain(id, false, id === 0 ? 32 : 8),
      probabilities: [0.3, 0.4, 0.3, 0],
    }));
    const pairs = simulatedPairs(parents, (parent) => parent, random);
    const { change } = pairedFigures(pairs, RESAMPLES).all;
    expect(change.passAtK.map(({ k, items }) => [k, items.value])).toEqual([
      [1, 8],
      [2, 8],
      [4, 8],
      [8, 8],
      [16, 1],
      [32, 1],
    ]);
    expect(changeEvidence(change).gap).toEqual(change.passAtK[3]?.gap);
  });
});

/** Each option to the power of `exponent`, as a lower temperature does. */
function cooled(item: Simulated, exponent: number): Simulated {
  const { probabilities } = item;
  return { ...item, probabilities: normalized(probabilities.map((p) => p ** exponent)) };
}

const P_RIGHT = (item: Simulated): number => item.probabilities[item.rightOptions[0] ?? 0] ?? 0;

/** P(right) set to `share`; what is left keeps its proportions. */
function withRight(item: Simulated, share: number): Simulated {
  const [right = 0] = item.rightOptions;
  const rest = normalized(item.probabilities.map((p, option) => (option === right ? 0 : p)));
  const probabilities = rest.map((p, option) => (option === right ? share : p * (1 - share)));
  return { ...item, probabilities };
}

/** The right answer found in a third of the samples, a wrong one still first. */
function widened(item: Simulated): Simulated {
  const [right = 0] = item.rightOptions;
  const wrong = withRight(item, 0).probabilities;
  const first = wrong.indexOf(Math.max(...wrong));
  const probabilities = wrong.map((_, option) =>
    option === right ? 0.35 : option === first ? 0.5 : 0.02,
  );
  return { ...item, probabilities };
}

/** What a stage makes of the model before one item. */
const STAGES: Readonly<Record<string, (parent: Simulated) => Simulated>> = {
  // RL: the right answer wins where it was near the front, and every answer gets surer.
  sharpened: (parent) =>
    cooled(P_RIGHT(parent) > 0.2 ? withRight(parent, Math.max(0.55, P_RIGHT(parent))) : parent, 3),
  // Everything goes to the mode; every tenth right one is lost.
  collapsed: (parent) =>
    cooled(parent.id % 10 === 3 ? withRight(parent, P_RIGHT(parent) / 3) : parent, 8),
  widened: (parent) => (P_RIGHT(parent) < 0.25 ? widened(parent) : parent),
  learned: (parent) => (P_RIGHT(parent) < 0.3 ? withRight(parent, 0.75) : parent),
};

describe('verdicts of simulated checkpoints', () => {
  it(
    'finds no clear change under another seed, in at least 95 of 100 repetitions',
    () => {
      const verdicts = Array.from({ length: 100 }, (_, repetition) => {
        const random = randomOf(repetition + 1);
        const items = simulatedParents(ITEMS, random).map((item) => simulatedItem(item, random));
        return verdictOf(seedPairs(items));
      });
      const clear = verdicts.filter((verdict) => verdict !== 'no clear change');
      expect(clear.length).toBeLessThanOrEqual(5);
    },
    TIMEOUT_MS,
  );

  it.each(Object.entries(STAGES))(
    'names a %s pair, in at least 19 of 20 repetitions',
    (name, stage) => {
      const verdicts = Array.from({ length: 20 }, (_, repetition) => {
        const random = randomOf(1000 + repetition);
        return verdictOf(simulatedPairs(simulatedParents(ITEMS, random), stage, random));
      });
      expect(
        verdicts.filter((verdict) => verdict === name).length,
        verdicts.join(', '),
      ).toBeGreaterThanOrEqual(19);
    },
    TIMEOUT_MS,
  );
});
