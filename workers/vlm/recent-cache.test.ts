import { expect, test } from 'vitest';
import { RecentCache } from './recent-cache.ts';

function makeCache(limitBytes: number) {
  const evicted: string[] = [];
  const cache = new RecentCache<number, string>(
    limitBytes,
    (asked, stored) => asked === stored,
    (value) => evicted.push(value),
  );
  return { cache, evicted };
}

test('what was used longest ago goes first', () => {
  const { cache, evicted } = makeCache(10);
  cache.add(1, 'one', 4);
  cache.add(2, 'two', 4);
  expect(cache.get(1)).toBe('one');
  cache.add(3, 'three', 4);
  expect(evicted).toEqual(['two']);
  expect(cache.get(2)).toBeNull();
  expect(cache.get(1)).toBe('one');
  expect(cache.sizeBytes).toBe(8);
});

test('the newest stays although it is too large, until another comes', () => {
  const { cache, evicted } = makeCache(10);
  cache.add(1, 'large', 50);
  expect(evicted).toEqual([]);
  cache.add(2, 'small', 1);
  expect(evicted).toEqual(['large']);
});

test('forgetting evicts nothing', () => {
  const { cache, evicted } = makeCache(10);
  cache.add(1, 'one', 4);
  cache.forget();
  expect(evicted).toEqual([]);
  expect(cache.get(1)).toBeNull();
});
