import { describe, expect, test } from 'vitest';
import { PUBLISHED_CLASSIFIERS } from './published-classifiers.ts';
import {
  CURVES_SOURCE,
  PUBLISHED_SETS,
  PUBLISHED_SIZES,
  publishedCurves,
} from './published-curves.ts';

const valuesOf = (...[size, set]: Parameters<typeof publishedCurves>) =>
  Object.fromEntries(
    publishedCurves(size, set).map(({ id, points }) => [id, points.map(({ value }) => value)]),
  );

describe('published Pass@k', () => {
  test('is what the file says, hidden points left out', () => {
    expect(valuesOf('3B', 'All')).toEqual({
      base: [0.385, 0.542, 0.68, 0.783, 0.852, 0.898, 0.926],
      RL_m23k: [0.496, 0.618, 0.715, 0.792, 0.846, 0.887, 0.915],
      RL_pmc: [0.467, 0.475, 0.483, 0.49, 0.496, 0.502, 0.507],
    });
    expect(valuesOf('7B', 'slake_closed')['base']?.slice(0, 3)).toEqual([0.627, null, 0.817]);
    expect(valuesOf('7B', 'pathvqa_closed')['base']?.slice(3)).toEqual([0.898, null, null, null]);
    expect(publishedCurves('7B', 'All')[0]?.about).toBe('Qwen2.5-VL-7B-Instruct');
    expect(CURVES_SOURCE).toMatchObject({ temperature: 0.5, topP: 0.95, n: 64 });
  });

  test('rises with k in every curve, as Pass@k must', () => {
    for (const size of PUBLISHED_SIZES) {
      for (const { id } of PUBLISHED_SETS) {
        for (const { points } of publishedCurves(size, id)) {
          expect(points.map(({ k }) => k)).toEqual([1, 2, 4, 8, 16, 32, 64]);
          const seen = points.flatMap(({ value }) => value ?? []);
          expect(seen.length).toBeGreaterThanOrEqual(4);
          expect(seen).toEqual([...seen].sort((one, other) => one - other));
        }
      }
    }
  });
});

test('published classifiers: every set of MedMNIST has both nets, and which is multi-label', () => {
  expect(PUBLISHED_CLASSIFIERS).toHaveLength(12);
  expect(PUBLISHED_CLASSIFIERS.find(({ name }) => name === 'BloodMNIST')).toEqual({
    ...{ name: 'BloodMNIST', modality: 'Blood Cell Microscope', classes: 8, isMultiLabel: false },
    ...{ resNet18: 0.958, resNet50: 0.956 },
  });
  expect(PUBLISHED_CLASSIFIERS.filter((set) => set.isMultiLabel).map(({ name }) => name)).toEqual([
    'ChestMNIST',
  ]);
});
