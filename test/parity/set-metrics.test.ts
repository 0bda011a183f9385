/**
 * All figures of a run and of a pair equal an independent computation in Python (numpy) from the
 * exported file: values to 1e-9, ends of intervals to 1e-2. `test/fixtures/set-metrics/README.md`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sampledDistance } from '../../src/core/sets/distances.ts';
import { itemFigures, type ItemFigures } from '../../src/core/sets/item-figures.ts';
import { pairedFigures } from '../../src/core/sets/pair-figures.ts';
import { pairItems, seedPairs, type Pair } from '../../src/core/sets/pair-items.ts';
import type { Estimate } from '../../src/core/sets/resampling.ts';
import { runFigures, type SetFigures } from '../../src/core/sets/run-figures.ts';
import { countSupportChanges } from '../../src/core/sets/support-change.ts';
import { readRunFile } from '../../src/storage/run-file.ts';
import { makeRun } from '../fixtures/set-metrics/make-run.ts';
import expected from '../fixtures/set-metrics/expected.json';

const FOLDER = new URL('../fixtures/set-metrics/', import.meta.url);
/** As in `metrics.py`. */
const COPIES = 100;
const VALUE_DIGITS = 9;
/** Of the end itself, where that is above 1. */
const END_TOLERANCE = 1e-2;
/** And of the width of the interval: 4.6 standard errors of two times 2,000 resamples. */
const WIDTH_TOLERANCE = 0.1;

type Expected = readonly (number | null)[];

const text = readFileSync(new URL('run.jsonl', FOLDER), 'utf8');
const run = readRunFile(text);

function itemsOf(checkpointId: string): readonly ItemFigures[] {
  const records = run.items.map(({ record }) => record);
  return records
    .filter(({ answerer }) => answerer.checkpointId === checkpointId)
    .flatMap((record) => itemFigures(record) ?? []);
}

const copied = <Item>(items: readonly Item[]): Item[] =>
  Array.from({ length: COPIES }, () => items).flat();

/** `passAtK.2.gap` and so on, as Python names them; only k itself is no figure. */
function flat(figures: SetFigures): ReadonlyMap<string, Estimate> {
  const { passAtK, cover, ...single } = figures;
  const shares = cover.map(({ share }, place) => [`cover.${String(place)}`, share] as const);
  const points = passAtK.flatMap(({ k, ...point }, place) => {
    expect(k).toBeGreaterThan(0);
    return Object.entries(point).map(
      ([name, figure]) => [`passAtK.${String(place)}.${name}`, figure] as const,
    );
  });
  return new Map([...Object.entries(single), ...shares, ...points]);
}

function expectEnds(name: string, { interval }: Estimate, [, ...ends]: Expected): void {
  const [lower = null, upper = null] = ends;
  if (interval === null || lower === null || upper === null) {
    expect([name, interval?.lower ?? null]).toEqual([name, lower]);
    return;
  }
  const ofWidth = WIDTH_TOLERANCE * (upper - lower) + 1e-9;
  for (const [own, other] of [
    [interval.lower, lower],
    [interval.upper, upper],
  ] as const) {
    const tolerance = Math.min(END_TOLERANCE * Math.max(1, Math.abs(other)), ofWidth);
    expect(Math.abs(own - other), `${name}: ${own} is not ${other}`).toBeLessThan(tolerance);
  }
}

function expectValue(name: string, { value }: Estimate, [own = null]: Expected): void {
  if (value === null || own === null) expect([name, value]).toEqual([name, own]);
  else expect(value, name).toBeCloseTo(own, VALUE_DIGITS);
}

/** Copies do not change a figure, except the numbers of items. */
const COUNT = /(?:^|\.)(?:items|blindItems)$/u;

function expectFigures(
  once: SetFigures,
  many: SetFigures,
  python: Readonly<Record<string, Expected>>,
): void {
  const [own, copies] = [flat(once), flat(many)];
  expect([...own.keys()].sort()).toEqual(Object.keys(python).sort());
  for (const [name, figure] of own) {
    const other = python[name] ?? [];
    expectValue(name, figure, other);
    if (!COUNT.test(name)) expectEnds(name, copies.get(name) ?? figure, other);
  }
}

describe('the run in test/fixtures/set-metrics', () => {
  it('is what make-run.ts writes', async () => {
    await expect(makeRun()).toMatchFileSnapshot('../fixtures/set-metrics/run.jsonl');
    expect(run.problems).toEqual([]);
    expect(text.length).toBeLessThan(400_000);
  });

  it('has what can go wrong: gaps, stopped items, nulls that are missing', () => {
    const [parents, children] = [itemsOf('parent'), itemsOf('child')];
    const { pairs, unpairedParents, unpairedChildren } = pairItems(parents, children);
    expect([pairs.length, unpairedParents, unpairedChildren]).toEqual([34, 1, 1]);
    expect(new Set(parents.map(({ draw }) => draw.n))).toEqual(new Set([5, 8]));
    const blindless = parents.filter(({ draw }) => draw.supportedByImage === null);
    expect(blindless.length).toBeGreaterThan(5);
    expect(blindless.length).toBeLessThan(30);
    expect(parents.some(({ greedyLabel }) => greedyLabel === null)).toBe(true);
    expect(parents.some(({ draw }) => draw.formatFailure)).toBe(true);
    expect(parents.some(({ draw }) => ![0, 1].includes(draw.majorityCorrect))).toBe(true);
  });
});

describe('figures of a run', () => {
  it.each(['parent', 'child'] as const)('are those of numpy: %s', (checkpoint) => {
    const items = itemsOf(checkpoint);
    const [once, many] = [runFigures(items, 0), runFigures(copied(items))];
    const python: Readonly<Record<string, Readonly<Record<string, Expected>>>> =
      expected.runs[checkpoint];
    expect(Object.keys(python)).toEqual([
      ...once.datasets.map(({ dataset }) => dataset),
      'all',
      'macro',
    ]);
    once.datasets.forEach(({ dataset, figures }, place) => {
      expectFigures(figures, many.datasets[place]?.figures ?? figures, python[dataset] ?? {});
    });
    expectFigures(once.all, many.all, python.all ?? {});
    expectFigures(once.macro, many.macro, python.macro ?? {});
  });
});

describe('figures of a pair', () => {
  const { pairs } = pairItems(itemsOf('parent'), itemsOf('child'));
  it.each<[string, readonly Pair[], typeof expected.pair | typeof expected.seedNull]>([
    ['parent and child', pairs, expected.pair],
    ['the A/A null', seedPairs(itemsOf('parent')), expected.seedNull],
  ])('are those of numpy: %s', (_, own, python) => {
    const [once, many] = [pairedFigures(own, 0), pairedFigures(copied(own))];
    const scopes = [
      ...once.datasets.map(({ dataset, figures }, place) => ({
        name: dataset,
        figures,
        copies: many.datasets[place]?.figures ?? figures,
      })),
      { name: 'all', figures: once.all, copies: many.all },
    ];
    expect(scopes.map(({ name }) => name)).toEqual(Object.keys(python.figures));
    for (const { name, figures, copies } of scopes) {
      const other = python.figures[name as keyof typeof python.figures];
      for (const side of ['parent', 'child', 'change'] as const) {
        expectFigures(figures[side], copies[side], other[side]);
      }
      expectValue(`${name} crossing`, figures.crossing, other.crossing);
      expectEnds(`${name} crossing`, copies.crossing, other.crossing);
    }
    expect(countSupportChanges(own, { by: 'k', k: 8 })).toEqual(python.atK8);
    expect(countSupportChanges(own, { by: 'epsilon', epsilon: 0.1 })).toEqual(python.atEpsilon);
    expect(sampledDistance(own).meanNats).toBeCloseTo(python.jensenShannonNats, VALUE_DIGITS);
  });
});
