import { afterEach, describe, expect, test } from 'vitest';
import { resultOf } from '../../test/support/steps.ts';
import type { LabelledFeatures, ProbeSets } from '../core/probe/features.ts';
import { principalPlane } from '../core/probe/principal-plane.ts';
import { SMALL_SET_PROBE } from '../core/probe/settings.ts';
import type { ProbeStep } from '../core/probe/steps.ts';
import { linearProbeStudy, neighbourStudy } from '../core/probe/studies.ts';
import { randomOf } from '../core/sets/set-fixture.ts';
import { ProbeWorker } from './probe-worker.ts';

const made: Worker[] = [];
const makeWorker = (name: string): Worker => {
  const worker = new Worker(new URL('../../workers/probe.worker.ts', import.meta.url), {
    type: 'module',
    name,
  });
  made.push(worker);
  return worker;
};
afterEach(() => {
  made.splice(0).forEach((worker) => {
    worker.terminate();
  });
});

const CLASSES = 8;
const random = randomOf(11);

/** Every class is a cloud around a place of its own. */
function clouds(rows: number, width: number): LabelledFeatures {
  const labels = Int32Array.from({ length: rows }, (_, row) => row % CLASSES);
  const values = Float32Array.from({ length: rows * width }, (_, place) => {
    const [label, column] = [Math.floor(place / width) % CLASSES, place % width];
    return 3 * random() + Number(column % CLASSES === label);
  });
  return { features: { rows, width, values }, labels };
}

function setsOf(rows: number, width: number): ProbeSets {
  const val = clouds(rows / 4, width);
  return { classes: CLASSES, train: clouds(rows, width), val, test: clouds(rows / 4, width) };
}

const small = setsOf(160, 24);
const large = setsOf(3200, 256);
const neverAborted = new AbortController().signal;
const silent = { signal: neverAborted, onStep: () => undefined };

test('gives what the same functions give in the page, in one worker, and the page keeps its features', async () => {
  const probes = new ProbeWorker(makeWorker);
  const { features } = small.train;
  const [linear, neighbours, plane] = await Promise.all([
    probes.linearProbe(small, SMALL_SET_PROBE, silent),
    probes.neighbours(small, 20, silent),
    probes.plane(features, silent),
  ]);
  expect(linear).toEqual(resultOf(linearProbeStudy(small, SMALL_SET_PROBE)));
  expect(neighbours).toEqual(resultOf(neighbourStudy(small, 20)));
  expect(plane).toEqual(resultOf(principalPlane(features)));
  expect(features.values).toHaveLength(160 * 24);
  expect(made).toHaveLength(1);
});

test('5,000 images of 256 features: every epoch is told, and the page never waits', async () => {
  const probes = new ProbeWorker(makeWorker);
  await probes.plane(small.train.features, silent);
  const seen: ProbeStep[] = [];
  const calls = { signal: neverAborted, onStep: (step: ProbeStep) => void seen.push(step) };
  let [longestMs, lastTick] = [0, performance.now()];
  const ticking = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastTick);
    lastTick = performance.now();
  }, 5);
  const tookMs: number[] = [];
  for (const job of [
    () => probes.linearProbe(large, SMALL_SET_PROBE, calls),
    () => probes.neighbours(large, 20, calls),
    () => probes.plane(large.train.features, calls),
  ]) {
    const startedAt = performance.now();
    await job();
    tookMs.push(Math.round(performance.now() - startedAt));
  }
  clearInterval(ticking);
  expect(seen.flatMap(({ epoch }) => epoch?.epoch ?? [])).toEqual(
    Array.from({ length: 20 }, (_, epoch) => epoch + 1),
  );
  const stages = [...new Set(seen.map(({ stage }) => stage))];
  expect(stages).toEqual(['training', 'intervals', 'comparing', 'plane']);
  expect(seen.every(({ done, total }) => done <= total)).toBe(true);
  // The tick waits for a busy machine as well; the work itself takes many times as long.
  expect(longestMs).toBeLessThan(Math.max(...tookMs) / 2);
});

describe('stopping', () => {
  test('ends a job at its next slice, leaves the worker, and the next job is right', async () => {
    const probes = new ProbeWorker(makeWorker);
    for (const start of [
      (calls: typeof silent) =>
        probes.linearProbe(large, { ...SMALL_SET_PROBE, epochs: 1000 }, calls),
      (calls: typeof silent) => probes.neighbours(large, 20, calls),
    ]) {
      const abort = new AbortController();
      let stoppedAt = Infinity;
      const onStep = (): undefined => {
        if (abort.signal.aborted) return;
        stoppedAt = performance.now();
        abort.abort();
      };
      await expect(start({ signal: abort.signal, onStep })).rejects.toMatchObject({
        name: 'Cancelled',
      });
      expect(performance.now() - stoppedAt).toBeLessThan(2000);
    }
    expect(await probes.neighbours(small, 20, silent)).toEqual(resultOf(neighbourStudy(small, 20)));
    expect(made).toHaveLength(1);
  });

  test('before it began no worker is started', async () => {
    const probes = new ProbeWorker(makeWorker);
    const calls = { ...silent, signal: AbortSignal.abort() };
    await expect(probes.plane(small.train.features, calls)).rejects.toMatchObject({
      name: 'Cancelled',
    });
    expect(made).toHaveLength(0);
  });

  test('one job leaves another alone', async () => {
    const probes = new ProbeWorker(makeWorker);
    const abort = new AbortController();
    const stopped = probes.neighbours(large, 20, { ...silent, signal: abort.signal });
    const kept = probes.linearProbe(small, SMALL_SET_PROBE, silent);
    setTimeout(() => {
      abort.abort();
    }, 30);
    await expect(stopped).rejects.toMatchObject({ name: 'Cancelled' });
    expect(await kept).toEqual(resultOf(linearProbeStudy(small, SMALL_SET_PROBE)));
  });
});

test('bad input is ProbeInvalid with what to do, and the worker goes on', async () => {
  const probes = new ProbeWorker(makeWorker);
  const { train, test } = small;
  const nan = {
    ...train.features,
    values: train.features.values.map((one, at) => (at === 30 ? NaN : one)),
  };
  const refused = async (job: Promise<unknown>, message: RegExp): Promise<void> => {
    await expect(job).rejects.toMatchObject({
      name: 'ProbeInvalid',
      message: expect.stringMatching(message) as string,
    });
  };
  await refused(
    probes.linearProbe({ ...small, train: { ...train, features: nan } }, SMALL_SET_PROBE, silent),
    /Image 2 of the training images .* NaN/,
  );
  await refused(probes.plane(nan, silent), /Image 2 of the images .* NaN/);
  await refused(
    probes.neighbours(
      { ...small, test: { ...test, labels: test.labels.map(() => -2) } },
      20,
      silent,
    ),
    /several labels.*choose another set/,
  );
  await refused(probes.neighbours({ ...small, val: clouds(8, 25) }, 20, silent), /same checkpoint/);
  await refused(probes.neighbours(small, 161, silent), /from 1 to 160/);
  await refused(
    probes.linearProbe(small, { ...SMALL_SET_PROBE, learningRate: 0, epochs: 0 }, silent),
    /learning rate .* epochs/,
  );
  expect((await probes.plane(train.features, silent)).points).toHaveLength(320);
  expect(made).toHaveLength(1);
});

test('a worker that ends by itself is named, and the next job starts another one', async () => {
  const probes = new ProbeWorker(makeWorker);
  const job = probes.neighbours(large, 20, silent);
  await new Promise((resolve) => setTimeout(resolve, 20));
  made[0]?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
  await expect(job).rejects.toMatchObject({ name: 'WorkerDied' });
  expect(await probes.neighbours(small, 20, silent)).toEqual(resultOf(neighbourStudy(small, 20)));
});
