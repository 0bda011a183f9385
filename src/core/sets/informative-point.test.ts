import { expect, test } from 'vitest';
import { informativeK } from '../pass-at-k.ts';
import { informativePoint } from './informative-point.ts';
import { runFigures } from './run-figures.ts';
import { randomOf, simulatedItem } from './set-fixture.ts';

test.each([2, 4, 8])('of %i options it is the informative k', (options) => {
  const random = randomOf(5);
  const probabilities = Array.from({ length: options }, () => 1 / options);
  const items = [0, 1, 2].map((id) =>
    simulatedItem({ id, probabilities, rightOptions: [id % options] }, random),
  );
  const { all } = runFigures(items, 20);
  const point = informativePoint(all);
  expect(point?.k).toBe(informativeK(options, 1));
  expect(point?.support.value).toBeCloseTo(all.informativeSupport.value ?? NaN, 12);
});

test('not more samples than all items have', () => {
  const random = randomOf(5);
  const probabilities = Array.from({ length: 8 }, () => 1 / 8);
  const items = [2, 16].map((n, id) =>
    simulatedItem({ id, probabilities, rightOptions: [id], n }, random),
  );
  expect(informativePoint(runFigures(items, 20).all)?.k).toBe(2);
});
