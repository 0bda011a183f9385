import { describe, expect, test } from 'vitest';
import { coldestPoint, cooledPoint, coolingState, matchTolerance } from './cooling.ts';
import { normalized, randomOf, simulatedItem, simulatedParents } from './set-fixture.ts';

const at = (temperature: number, entropyNats: number) => ({
  temperature,
  entropyNats,
  sampleAccuracy: 0.5,
});

describe('the state of the search', () => {
  test('a child that is as sharp as its parent, or less, leaves nothing to cool', () => {
    for (const entropy of [0.49, 0.5, 0.9]) {
      expect(coolingState(at(1, 0.5), [], entropy, 0.02)).toEqual({ kind: 'not-sharper' });
    }
  });

  test('begins where the line from T = 0 to the parent meets the child', () => {
    const state = coolingState(at(1, 0.8), [], 0.4, 0.02);
    expect(state).toEqual({ kind: 'open', next: 0.5, between: [0, 1] });
  });

  test('goes on between the two points round the child, whatever their order', () => {
    const points = [at(0.5, 0.1), at(0.75, 0.5), at(0.9, 0.7)];
    const state = coolingState(at(1, 0.8), points, 0.3, 0.02);
    // Half-way from 0.1 to 0.5 nats: the line through these two and the mean with itself; 0.625 on the grid.
    expect(state).toEqual({ kind: 'open', next: 0.63, between: [0.5, 0.75] });
    expect(coolingState(at(1, 0.8), points.toReversed(), 0.3, 0.02)).toEqual(state);
  });

  test('the line through the two nearest points corrects the one across', () => {
    const points = [at(0.5, 0.4), at(0.6, 0.5)];
    // Across, from T = 0: 0.375. Through the two nearest: 0.4.
    expect(coolingState(at(1, 0.8), points, 0.3, 0.02)).toMatchObject({
      next: 0.39,
      between: [0, 0.5],
    });
  });

  test('keeps off the ends of the bracket', () => {
    expect(coolingState(at(1, 0.8), [], 0, 0.02)).toMatchObject({ next: 0.1 });
    expect(coolingState(at(1, 0.8), [], 0.77, 0.02)).toMatchObject({ next: 0.9 });
  });

  test('ends with the nearest of those within the tolerance', () => {
    const points = [at(0.5, 0.29), at(0.52, 0.305), at(0.8, 0.6)];
    expect(coolingState(at(1, 0.8), points, 0.3, 0.02)).toEqual({
      kind: 'matched',
      point: at(0.52, 0.305),
    });
  });

  test('ends with the nearest when no temperature is left between two', () => {
    const points = [at(0.41, 0.2), at(0.42, 0.4)];
    expect(coolingState(at(1, 0.8), points, 0.28, 0.02)).toEqual({
      kind: 'unreachable',
      nearest: at(0.41, 0.2),
    });
  });

  test('never asks for a temperature twice and always comes to an end', () => {
    // A step: no temperature has the entropy that is looked for.
    const entropyAt = (temperature: number): number => (temperature < 0.437 ? 0.05 : 0.75);
    const points: ReturnType<typeof at>[] = [];
    let state = coolingState(at(1, 0.8), points, 0.4, 0.02);
    while (state.kind === 'open') {
      const { next, between } = state;
      expect(next).toBeGreaterThan(between[0]);
      expect(next).toBeLessThan(between[1]);
      expect(points.map(({ temperature }) => temperature)).not.toContain(next);
      points.push(at(next, entropyAt(next)));
      state = coolingState(at(1, 0.8), points, 0.4, 0.02);
    }
    expect(state.kind).toBe('unreachable');
    expect(points.length).toBeLessThan(20);
  });
});

test('four temperatures are enough for models whose answers cool as a softmax does', () => {
  const random = randomOf(5);
  const parents = simulatedParents(100, random);
  const pointAt = (temperature: number) =>
    cooledPoint(
      temperature,
      parents.map((parent) =>
        simulatedItem(
          {
            ...parent,
            probabilities: normalized(parent.probabilities.map((p) => p ** (1 / temperature))),
          },
          // The same draws at every temperature, as in a run.
          randomOf(parent.id),
        ),
      ),
    );
  const own = pointAt(1);
  for (const wanted of [0.1, 0.25, 0.5, 0.75, 0.9]) {
    const entropy = wanted * own.entropyNats;
    const points: ReturnType<typeof pointAt>[] = [];
    for (let runs = 0; runs < 4; runs += 1) {
      const state = coolingState(own, points, entropy, 0.02);
      if (state.kind === 'open') points.push(pointAt(state.next));
    }
    expect(coolingState(own, points, entropy, 0.02).kind, `at ${String(wanted)}`).toBe('matched');
  }
});

test('a point is the mean over items, the coldest one the greedy answers', () => {
  const random = randomOf(3);
  const items = [0, 1].map((id) =>
    simulatedItem({ id, probabilities: [0.6, 0.4], rightOptions: [id] }, random),
  );
  const [one, other] = items;
  if (!one || !other) throw new Error('There are two.');
  const { entropyNats, sampleAccuracy } = cooledPoint(0.5, items);
  expect(entropyNats).toBeCloseTo((one.draw.entropyNats + other.draw.entropyNats) / 2, 12);
  expect(sampleAccuracy).toBeCloseTo((one.draw.c + other.draw.c) / 32, 12);
  expect(coldestPoint(items)).toEqual({ temperature: 0, entropyNats: 0, sampleAccuracy: 0.5 });
  expect(() => cooledPoint(0.5, [])).toThrow(RangeError);
});

test('the tolerance is a quarter of the half width, and never below 0.02 nats', () => {
  expect(matchTolerance({ value: 0.3, interval: { lower: 0.1, upper: 0.5 } })).toBeCloseTo(0.05);
  expect(matchTolerance({ value: 0.3, interval: { lower: 0.28, upper: 0.32 } })).toBe(0.02);
  expect(matchTolerance({ value: 0.3, interval: null })).toBe(0.02);
});
