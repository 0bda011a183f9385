import { expect, test } from 'vitest';
import { philox } from './random.ts';
import { RankedChildren } from './ranked-children.ts';

function takeAll(children: RankedChildren): number[] {
  const ids: number[] = [];
  for (let id = children.take(); id !== null; id = children.take()) ids.push(id);
  return ids;
}

test('children come by falling probability, equal ones by id, those without mass never', () => {
  const children = new RankedChildren(Float64Array.from([0.1, 0.4, 0, 0.1, 0.4]));
  expect(children.best).toBe(0.4);
  expect(takeAll(children)).toEqual([1, 4, 0, 3]);
  expect(children.best).toBe(0);
  expect(children.take()).toBeNull();
});

test('a thousand random children come in the order of a sort', () => {
  const probabilities = Float64Array.from({ length: 1000 }, (_, id) => {
    const [word] = philox([id, 0, 0, 0], [5, 0]);
    // Few distinct values, so that equal ones occur.
    return Math.floor((word / 2 ** 32) * 100);
  });
  const sorted = [...probabilities.keys()]
    .filter((id) => (probabilities[id] ?? 0) > 0)
    .sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
  expect(takeAll(new RankedChildren(probabilities))).toEqual(sorted);
});
