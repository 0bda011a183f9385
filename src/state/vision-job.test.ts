import { expect, test } from 'vitest';
import { DIRECT_PROBES } from '../../test/support/direct-probes.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { MemoryFeatures, probeImages, tonesOf } from '../../test/support/probe-images.ts';
import { SMALL_SET_PROBE } from '../core/probe/settings.ts';
import { NamedError } from '../protocol/errors.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { VisionJob, type StudyPlan } from './vision-job.svelte.ts';

const SETTINGS = {
  kind: 'tower-mean',
  linear: { ...SMALL_SET_PROBE, epochs: 2 },
  neighbours: 3,
} as const;

const PLAN: StudyPlan = {
  checkpointIds: ['base', 'sft'],
  settings: SETTINGS,
  sets: [
    {
      dataset: 'breastmnist',
      images: 36,
      open: () => Promise.resolve(probeImages('breastmnist')),
    },
  ],
};

function bench(store = new MemoryFeatures()) {
  const backends = [new FakeBackend('base', 'base'), new FakeBackend('sft')] as const;
  let onEncode: () => void = () => undefined;
  for (const backend of backends) {
    backend.features = {
      reason: null,
      calls: {
        of: (images) => {
          onEncode();
          return Promise.resolve(tonesOf(images));
        },
      },
    };
  }
  const checkpoints = new CheckpointChoice(backends, ['sft']);
  let now = 0;
  const job = new VisionJob(checkpoints, {
    openStore: () => Promise.resolve(store),
    probes: DIRECT_PROBES,
    clock: () => (now += 10),
  });
  return {
    job,
    checkpoints,
    backends,
    store,
    onEncode: (work: () => void) => {
      onEncode = work;
    },
  };
}

test('a study loads what it needs, counts its images and keeps its results', async () => {
  const { job, checkpoints, backends } = bench();
  await job.start(PLAN, 'wasm');
  expect(job.error).toBeNull();
  expect(job.failures).toEqual([]);
  expect(job.results.map(({ checkpointId }) => checkpointId)).toEqual(['base', 'sft']);
  expect(job.progress).toMatchObject({ done: 72, total: 72, known: 0 });
  expect(backends.map(({ loads }) => loads)).toEqual([1, 1]);
  expect(job.imagesOf('breastmnist')?.dataset).toBe('breastmnist');
  expect(checkpoints.holder).toBeNull();
});

test('with features kept nothing is loaded and nothing encoded', async () => {
  const first = bench();
  await first.job.start(PLAN, 'wasm');
  const again = bench(first.store);
  await again.job.start(PLAN, 'wasm');
  expect(again.job.progress).toMatchObject({ done: 72, known: 72 });
  expect(again.backends.map(({ loads }) => loads)).toEqual([0, 0]);
  expect(again.job.resultOf('sft', 'breastmnist')?.linear.figures).toEqual(
    first.job.resultOf('sft', 'breastmnist')?.linear.figures,
  );
});

test('a stop keeps what is done, and says that it was one', async () => {
  const { job, onEncode } = bench();
  let calls = 0;
  onEncode(() => {
    calls += 1;
    if (calls === 4) job.stop();
  });
  await job.start(PLAN, 'wasm');
  expect([job.wasStopped, job.error, job.isBusy]).toEqual([true, null, false]);
  expect(job.results.map(({ checkpointId }) => checkpointId)).toEqual(['base']);
});

test('while it works nobody else gets the checkpoints, and it waits for others', async () => {
  const { job, checkpoints, onEncode } = bench();
  const seen: (string | null)[] = [];
  onEncode(() => {
    seen.push(checkpoints.waitFor('explore'), job.refusal);
  });
  await job.start(PLAN, 'wasm');
  expect(seen[0]).toMatch(/under Probe/);
  expect(seen[1]).toMatch(/going on/);
  checkpoints.take('evaluate');
  expect(job.refusal).toMatch(/Evaluate/);
  const before = job.results;
  await job.start(PLAN, 'wasm');
  expect(job.results).toBe(before);
});

test('a checkpoint that cannot be loaded is named, and the other one is studied', async () => {
  const { job, backends, checkpoints } = bench();
  backends[0].loadError = new NamedError('CheckpointMissing', 'It is not on the server.');
  await job.start(PLAN, 'wasm');
  expect(job.failures).toMatchObject([
    { checkpointId: 'base', dataset: null, error: { name: 'CheckpointMissing' } },
  ]);
  expect(job.results.map(({ checkpointId }) => checkpointId)).toEqual(['sft']);
  expect(checkpoints.find('base')?.error?.name).toBe('CheckpointMissing');
});

test('a backend without features says why', async () => {
  const { job, backends } = bench();
  backends[1].features = { calls: null, reason: 'A server gives none.' };
  await job.start(PLAN, 'wasm');
  expect(job.failures).toMatchObject([
    {
      checkpointId: 'sft',
      error: { name: 'CheckpointUnsupported', message: 'A server gives none.' },
    },
  ]);
});
