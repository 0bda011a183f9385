import { expect, test } from 'vitest';
import { DIRECT_PROBES } from '../../test/support/direct-probes.ts';
import { MemoryFeatures, probeImages, splitOf, tonesOf } from '../../test/support/probe-images.ts';
import { SMALL_SET_PROBE } from '../core/probe/settings.ts';
import { NamedError } from '../protocol/errors.ts';
import { drawnImages, requireProbeImages } from './probe-images.ts';
import {
  studyVision,
  type StudyFailure,
  type StudyPorts,
  type VisionResult,
  type VisionSettings,
} from './vision-study.ts';

const SETTINGS: VisionSettings = {
  kind: 'tower-mean',
  linear: { ...SMALL_SET_PROBE, epochs: 60 },
  neighbours: 3,
};

function bench() {
  const results: VisionResult[] = [];
  const failures: StudyFailure[] = [];
  const ports: StudyPorts = {
    store: new MemoryFeatures(),
    signal: new AbortController().signal,
    probes: DIRECT_PROBES,
    weights: (id) => Promise.resolve(id),
    encode: (_, images) => Promise.resolve(tonesOf(images)),
    onStep: () => undefined,
    onImages: () => undefined,
    onNotKept: () => undefined,
    onResult: (result) => results.push(result),
    onFailure: (failure) => failures.push(failure),
  };
  return { ports, results, failures };
}

test('each checkpoint is probed on each set, with the same test images', async () => {
  const { ports, results } = bench();
  const sets = [probeImages('breastmnist'), probeImages('pneumoniamnist')];
  await studyVision(['a', 'b'], sets, SETTINGS, ports);
  expect(results.map((one) => `${one.checkpointId} ${one.dataset}`)).toEqual([
    'a breastmnist',
    'a pneumoniamnist',
    'b breastmnist',
    'b pneumoniamnist',
  ]);
  const [first, , third] = results;
  expect(first?.sha256s).toEqual(third?.sha256s);
  expect(first?.images).toEqual({ train: 12, val: 12, test: 12 });
  // The tone tells the class.
  expect(first?.linear.figures.accuracy.value).toBe(1);
  expect(first?.nearest.figures.accuracy.value).toBeGreaterThan(0.8);
});

test('a checkpoint that cannot be loaded ends its part; the next one goes on', async () => {
  const { ports, results, failures } = bench();
  const broken = new NamedError('CheckpointMissing', 'It is not there.');
  const encode: StudyPorts['encode'] = (id, images) =>
    id === 'a' ? Promise.reject(broken) : Promise.resolve(tonesOf(images));
  const sets = [probeImages('breastmnist'), probeImages('pneumoniamnist')];
  await studyVision(['a', 'b'], sets, SETTINGS, { ...ports, encode });
  expect(failures).toEqual([{ checkpointId: 'a', dataset: null, error: broken }]);
  expect(results.map(({ checkpointId }) => checkpointId)).toEqual(['b', 'b']);
});

test('a set that cannot be probed is named; the others are', async () => {
  const { ports, results, failures } = bench();
  const probes = {
    ...DIRECT_PROBES,
    linearProbe: () => Promise.reject(new NamedError('ProbeInvalid', 'Image 3 has NaN.')),
  };
  await studyVision(['a'], [probeImages('breastmnist')], SETTINGS, { ...ports, probes });
  await studyVision(['a'], [probeImages('pneumoniamnist')], SETTINGS, ports);
  expect(failures).toMatchObject([{ dataset: 'breastmnist', error: { name: 'ProbeInvalid' } }]);
  expect(results).toHaveLength(1);
});

test('a stop ends it all', async () => {
  const { ports, results } = bench();
  const abort = new AbortController();
  const stopping = { ...ports, signal: abort.signal, onResult: () => abort.abort() };
  const sets = [probeImages('breastmnist'), probeImages('pneumoniamnist')];
  await expect(studyVision(['a'], sets, SETTINGS, stopping)).rejects.toThrow(
    expect.objectContaining({ name: 'Cancelled' }),
  );
  expect(results).toEqual([]);
});

test('where the graph shows no tower, what lies behind the projector is probed, and said', async () => {
  const { ports, results } = bench();
  const encode: StudyPorts['encode'] = (_, images) => {
    const { 'projector-mean': features } = tonesOf(images);
    return Promise.resolve(features ? { 'projector-mean': features } : {});
  };
  await studyVision(['a'], [probeImages('breastmnist')], SETTINGS, { ...ports, encode });
  expect(results.map(({ kind }) => kind)).toEqual(['projector-mean']);
});

test('images are drawn by the seed, the same for everybody, and those that are asked about first', () => {
  const images = probeImages('bloodmnist', 100);
  const sizes = { train: 20, val: 0, test: 10 };
  const places = async (seed: number, wanted: readonly number[] = []) => {
    const { test: split } = drawnImages(images, sizes, seed, wanted).splits;
    const all = await split?.open([...Array(10).keys()]);
    return all?.map(({ source }) => source.index);
  };
  return (async () => {
    expect(await places(1)).toEqual(await places(1));
    expect(await places(1)).not.toEqual(await places(2));
    expect(new Set(await places(1)).size).toBe(10);
    expect((await places(1, [99, 98, 400]))?.slice(0, 2)).toEqual([99, 98]);
    expect(drawnImages(images, sizes, 1).splits.train?.labels).toHaveLength(20);
  })();
});

test('what no probe can be run on is refused with what to do', () => {
  const chest = { ...probeImages('chestmnist') };
  expect(() => {
    requireProbeImages(chest);
  }).toThrow(/several findings at once/);
  const blood = probeImages('bloodmnist');
  const empty = splitOf('bloodmnist', 'train', []);
  expect(() => {
    requireProbeImages({ ...blood, splits: { ...blood.splits, train: empty } });
  }).toThrow(/no training images/);
});
