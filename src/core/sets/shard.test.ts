import { expect, test } from 'vitest';
import { isOwnPlace, ownCount, ownPlaces, parseShard, runTitle, shardText } from './shard.ts';
import { totalOf } from './total-records.ts';

test('every place is of exactly one shard, and they are counted', () => {
  for (const items of [0, 1, 5, 16, 17, 33]) {
    for (const of of [1, 2, 16]) {
      const shards = Array.from({ length: of }, (_, at) => ({ number: at + 1, of }));
      const places = shards.map((shard) => [...ownPlaces(items, shard)]);
      expect(places.flat().sort((a, b) => a - b)).toEqual([...Array(items).keys()]);
      expect(shards.map((shard) => ownCount(items, shard))).toEqual(
        places.map(({ length }) => length),
      );
      for (const [at, own] of places.entries()) {
        expect([...Array(items).keys()].filter((place) => isOwnPlace(place, shards[at]))).toEqual(
          own,
        );
      }
    }
  }
});

test('a run that is no shard answers all', () => {
  expect([...ownPlaces(3, undefined)]).toEqual([0, 1, 2]);
  expect([ownCount(3, undefined), isOwnPlace(2, undefined)]).toEqual([3, true]);
  const run = { items: 10, settings: { checkpointIds: ['a', 'b'] } };
  expect(totalOf(run)).toBe(20);
  // Places 2, 5 and 8.
  expect(totalOf({ ...run, shard: { number: 3, of: 3 } })).toBe(6);
});

test('a shard is read from text, and nothing else is', () => {
  expect(parseShard(' 3/16 ')).toEqual({ number: 3, of: 16 });
  expect(shardText({ number: 3, of: 16 })).toBe('3/16');
  const none = ['', '3', '0/4', '5/4', '1/0', '1/10001', '1.5/4', '-1/4', '1/4/2', 'a/b'];
  for (const text of none) expect(parseShard(text), text).toBeNull();
});

test('a run is named with its shard', () => {
  expect(runTitle({ name: 'blood' })).toBe('blood');
  expect(runTitle({ name: 'blood', shard: { number: 3, of: 16 } })).toBe('blood, shard 3 of 16');
});
