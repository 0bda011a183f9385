import { expect, test } from 'vitest';
import { MemoryFeatures, splitOf, tonesOf } from '../../test/support/probe-images.ts';
import { NamedError } from '../protocol/errors.ts';
import {
  encodeSplit,
  featuresOf,
  IMAGES_AT_ONCE,
  kindsOf,
  type EncodePorts,
} from './encode-images.ts';

const LABELS = Array.from({ length: 2 * IMAGES_AT_ONCE + 5 }, (_, place) => place % 3);
const SPLIT = splitOf('bloodmnist', 'train', LABELS);

function bench(store = new MemoryFeatures()) {
  const batches: number[] = [];
  const done: [number, number][] = [];
  const notKept: NamedError[] = [];
  const abort = new AbortController();
  const ports: EncodePorts = {
    store,
    signal: abort.signal,
    weights: () => Promise.resolve('w1'),
    encode: (images) => {
      batches.push(images.length);
      return Promise.resolve(tonesOf(images));
    },
    onImages: (...counts) => done.push(counts),
    onNotKept: (why) => notKept.push(why),
  };
  return { ports, store, batches, done, notKept, abort };
}

test('images are encoded in batches, once: the next time their features are read', async () => {
  const first = bench();
  const encoded = await encodeSplit(SPLIT, first.ports);
  expect(first.batches).toEqual([IMAGES_AT_ONCE, IMAGES_AT_ONCE, 5]);
  expect(encoded.sha256s).toHaveLength(LABELS.length);
  expect([...encoded.labels]).toEqual(LABELS);
  expect(kindsOf(encoded)).toEqual(['tower-mean', 'projector-mean']);
  const { features } = featuresOf(encoded, 'tower-mean');
  expect([features.rows, features.width]).toEqual([LABELS.length, 2]);
  expect(features.values[2 * 40]).toBe(60 * (40 % 3) + (40 % 7));

  const again = bench(first.store);
  expect(await encodeSplit(SPLIT, again.ports)).toEqual(encoded);
  expect(again.batches).toEqual([]);
  expect(again.done).toEqual([IMAGES_AT_ONCE, IMAGES_AT_ONCE, 5].map((count) => [count, count]));
});

test('what was encoded before a stop is kept, and only the rest is encoded then', async () => {
  const first = bench();
  const stopping = {
    ...first.ports,
    onImages: () => {
      first.abort.abort();
    },
  };
  await expect(encodeSplit(SPLIT, stopping)).rejects.toThrow(
    expect.objectContaining({ name: 'Cancelled' }),
  );
  const again = bench(first.store);
  await encodeSplit(SPLIT, again.ports);
  expect(again.batches).toEqual([IMAGES_AT_ONCE, 5]);
});

test('features of other weights are others', async () => {
  const first = bench();
  await encodeSplit(SPLIT, first.ports);
  const other = bench(first.store);
  await encodeSplit(SPLIT, { ...other.ports, weights: () => Promise.resolve('w2') });
  expect(other.batches).toHaveLength(3);
});

test('where nothing can be kept the study goes on, and says so', async () => {
  const { ports, store, notKept } = bench();
  store.error = new NamedError('StorageFull', 'The storage is full.');
  expect((await encodeSplit(SPLIT, ports)).rows).toHaveLength(LABELS.length);
  expect(notKept.map(({ name }) => name)).toContain('StorageFull');
});

test('features that a checkpoint does not give are named', async () => {
  const encoded = await encodeSplit(SPLIT, bench().ports);
  expect(() => featuresOf(encoded, 'tower-max')).toThrow(
    expect.objectContaining({ name: 'ProbeInvalid' }),
  );
});
