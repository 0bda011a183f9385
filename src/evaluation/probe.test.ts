import { expect, test } from 'vitest';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { SAMPLER } from '../core/record-fixture.ts';
import { NamedError } from '../protocol/errors.ts';
import type { PlanRequest } from './plan-run.ts';
import { estimateRun } from './estimate-run.ts';
import { probe } from './probe.ts';

const request: PlanRequest = {
  name: '',
  sets: [setOf('bloodmnist'), setOf('pathmnist')],
  itemsPerSet: 3,
  kind: 'options',
  settings: {
    checkpointIds: ['base', 'sft'],
    promptMode: 'think',
    hint: null,
    sampler: { ...SAMPLER, k: 4 },
    nulls: true,
  },
};

/** Every look at the clock is `stepMs` later. */
function ports(backend: FakeBackend, stepMs = 250, signal = new AbortController().signal) {
  let now = 0;
  return {
    backend,
    load: () => backend.load('auto', { signal, onEvent: () => undefined }),
    clock: () => (now += stepMs),
    signal,
  };
}

test('two items of two sets are asked with their nulls; the second one is timed', async () => {
  const backend = new FakeBackend('base');
  const report = await probe(request, ports(backend));
  expect(backend.loads).toBe(1);
  // K, the second seed and four wrong images, for each of the items.
  expect(backend.requests).toHaveLength(2 * 6);
  expect(new Set(backend.requests.map(({ itemId }) => itemId.split('/')[0]))).toEqual(
    new Set(['bloodmnist', 'pathmnist']),
  );
  expect(report).toMatchObject({ checkpointId: 'base', device: 'wasm', samples: 4 + 4 + 4 * 4 });
  expect(report.elapsedMs).toBe(250);
  expect(report.bytesPerRecord).toBeGreaterThan(100);
  expect(report.imageBytes).toEqual({ bloodmnist: 3, pathmnist: 3 });
});

test('one set gives both items, without nulls only K samples; a loaded checkpoint is not loaded', async () => {
  const backend = new FakeBackend('base');
  await backend.load('auto', { signal: new AbortController().signal, onEvent: () => undefined });
  const settings = { ...request.settings, nulls: false };
  const one = { ...request, sets: [setOf('bloodmnist')], settings };
  const report = await probe(one, ports(backend));
  expect(backend.loads).toBe(1);
  expect(backend.requests).toHaveLength(2);
  expect(report.samples).toBe(4);
});

test('the estimate counts every record, and no image of a set twice', () => {
  const report = {
    checkpointId: 'base',
    device: 'wasm',
    samples: 24,
    elapsedMs: 500,
    bytesPerRecord: 1000,
    imageBytes: { bloodmnist: 10, pathmnist: 20 },
  };
  // Six items, two checkpoints; 3 own and 12 wrong images of each set, of 16 and 18 that it has.
  const estimate = estimateRun(report, request);
  expect(estimate.seconds).toBe(6);
  expect(estimate.storageBytes).toBe(12 * 1000 + 15 * 10 + 15 * 20);
  // All items: every image of a set once.
  const all = estimateRun(report, { ...request, itemsPerSet: 1000 });
  expect(all.storageBytes).toBe(2 * (16 + 18) * 1000 + 16 * 10 + 18 * 20);
  const bare = { ...request, settings: { ...request.settings, nulls: false } };
  expect(estimateRun(report, bare).storageBytes).toBe(12 * 1000 + 3 * 10 + 3 * 20);
  // Two of the six items.
  const part = estimateRun(report, { ...bare, shard: { number: 2, of: 3 } });
  expect(part).toEqual({ seconds: 2, storageBytes: 4 * 1000 + 10 + 20 });
});

test('of a shard two items of the plan are asked, whoever answers them', async () => {
  const backend = new FakeBackend('base');
  await probe({ ...request, shard: { number: 16, of: 16 } }, ports(backend));
  expect(backend.requests).toHaveLength(2 * 6);
});

test('a failure and a stop come through by name', async () => {
  const backend = new FakeBackend('base');
  backend.answerError = new NamedError('OutOfMemory', 'no room');
  await expect(probe(request, ports(backend))).rejects.toMatchObject({ name: 'OutOfMemory' });
  const stopped = ports(new FakeBackend('base'), 1, AbortSignal.abort());
  await expect(probe(request, stopped)).rejects.toMatchObject({ name: 'Cancelled' });
});
