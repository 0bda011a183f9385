import { expect, test } from 'vitest';
import { BLOOD_QUESTION, recordOf, SAMPLER, servedSampleOf } from '../core/record-fixture.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { Reweighting } from './reweighting.svelte.ts';
import { RunResults } from './run-results.svelte.ts';
import { RunSession } from './run-session.svelte.ts';
import { ExactBounds } from './exact-bounds.svelte.ts';
import { ExactTurn } from './exact-turn.svelte.ts';
import { FakeExact } from '../../test/support/fake-exact.ts';

const noImages = () => Promise.resolve({ images: null, reason: 'No set.' } as const);

const item: RunItem = {
  image: { width: 2, height: 3, data: new Uint8Array(18) },
  source: recordOf([]).image,
  question: BLOOD_QUESTION,
  promptMode: 'think',
  hint: null,
  nulls: false,
  sampler: { ...SAMPLER, temperature: 1, topP: 1 },
};

async function make(changes: Partial<RunItem> = {}) {
  const base = new FakeBackend('base', 'base');
  const sft = new FakeBackend('sft', 'sft', 'base');
  const fakes = { base: new FakeExact([0.5]), sft: new FakeExact([0.25]) };
  base.exact = { calls: fakes.base, reason: null };
  sft.exact = { calls: fakes.sft, reason: null };
  const results = new RunResults();
  const now = (callback: () => void): void => {
    callback();
  };
  const session = new RunSession(
    new CheckpointChoice([base, sft], ['base', 'sft']),
    results,
    now,
    () => '2026-11-24T00:00:00.000Z',
  );
  const frames: (() => void)[] = [];
  const exact = new ExactBounds(results, session, new ExactTurn(session), now);
  const reweighting = new Reweighting(session, exact, (callback) => frames.push(callback));
  await session.run({ ...item, ...changes }, 'auto', noImages);
  /** One frame, and whatever is asked in it. */
  const frame = async () => {
    for (const callback of frames.splice(0)) callback();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { base, sft, fakes, exact, results, session, reweighting, frames, frame };
}

test('starts at the run’s values, weights every checkpoint, and leaves the samples alone', async () => {
  const { base, sft, results, reweighting, frame } = await make();
  const sampled = results.shown?.first.record;
  expect(reweighting.target).toEqual({ temperature: 1, topP: 1 });
  expect(reweighting.result).toBeNull();
  reweighting.change({ temperature: 0.7 });
  await frame();
  expect(reweighting.result?.target).toEqual({ temperature: 0.7, topP: 1 });
  expect(
    Object.entries(reweighting.result?.answers ?? {}).map(([id, { type }]) => [id, type]),
  ).toEqual([
    ['base', 'weights'],
    ['sft', 'weights'],
  ]);
  expect(base.targets).toEqual([{ temperature: 0.7, topP: 1, topK: 0, minP: 0 }]);
  expect(sft.targets).toEqual(base.targets);
  expect(results.shown?.first.record).toBe(sampled);
  reweighting.reset();
  expect(reweighting.result).toBeNull();
  expect(reweighting.target).toEqual({ temperature: 1, topP: 1 });
});

test('a frame asks once, and of what is moved while it waits only the last is asked', async () => {
  const { base, reweighting, frame, frames } = await make();
  let answer: () => void = () => undefined;
  base.onReweight = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  for (const temperature of [0.9, 0.8, 0.7]) reweighting.change({ temperature });
  expect(frames).toHaveLength(1);
  await frame();
  for (const temperature of [0.6, 0.5, 0.4]) reweighting.change({ temperature });
  await frame();
  expect(base.targets.map(({ temperature }) => temperature)).toEqual([0.7]);
  answer();
  await frame();
  await frame();
  answer();
  await frame();
  expect(base.targets.map(({ temperature }) => temperature)).toEqual([0.7, 0.4]);
  expect(reweighting.result?.target.temperature).toBe(0.4);
});

test('an answer that comes after a reset is not shown', async () => {
  const { base, reweighting, frame } = await make();
  let answer: () => void = () => undefined;
  base.onReweight = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  reweighting.change({ topP: 0.5 });
  await frame();
  reweighting.reset();
  answer();
  await frame();
  expect(reweighting.result).toBeNull();
  expect(base.targets).toHaveLength(1);
  reweighting.change({ topP: 0.6 });
  expect(reweighting.result, 'nor by the next move').toBeNull();
});

test('refusals and failures are answers of their checkpoint', async () => {
  const { base, reweighting, frame } = await make({ sampler: { ...SAMPLER, topP: 0.9 } });
  base.onReweight = () => Promise.reject(new Error('gone'));
  reweighting.change({ temperature: 1.2 });
  await frame();
  expect(reweighting.result?.answers['base']).toEqual({ type: 'failed', message: 'gone' });
  expect(reweighting.result?.answers['sft']).toEqual({
    type: 'refused',
    reason: 'temperature-of-filtered-run',
  });
});

test('another result has its own values; a result from a file says why not', async () => {
  const { session, reweighting, frame, base } = await make();
  reweighting.change({ temperature: 0.7 });
  await frame();
  await session.run({ ...item, sampler: { ...item.sampler, temperature: 0.5 } }, 'auto', noImages);
  expect(reweighting.target?.temperature).toBe(0.5);
  expect(reweighting.result).toBeNull();
  session.show(0);
  reweighting.change({ temperature: 0.6 });
  await frame();
  expect(reweighting.result?.answers['base']).toEqual({
    type: 'refused',
    reason: 'other-run-kept',
  });
  const asked = base.targets.length;
  session.add([{ record: recordOf(['x']), image: null, origin: 'recorded', createdAt: '' }]);
  expect(reweighting.unavailable).toContain('recorded');
  reweighting.change({ temperature: 0.6 });
  await frame();
  expect(base.targets).toHaveLength(asked);
  session.add([{ record: recordOf(['x']), image: null, origin: 'stored', createdAt: '' }]);
  expect(reweighting.unavailable).toContain('stored run');
});

test('what was said of fewer samples goes when K is raised', async () => {
  const { session, reweighting, frame } = await make();
  reweighting.change({ temperature: 0.7 });
  await frame();
  expect(reweighting.result).not.toBeNull();
  await session.run({ ...item, sampler: { ...item.sampler, k: 32 } }, 'auto', noImages);
  expect(session.results.groups).toHaveLength(1);
  expect(reweighting.result).toBeNull();
  expect(reweighting.target?.temperature).toBe(1);
  reweighting.change({ temperature: 0.8 });
  await frame();
  const answer = reweighting.result?.answers['base'];
  expect(answer?.type === 'weights' && answer.sampleIndexes.length).toBe(32);
});

test('where a tree was computed for the run, the target is asked of it too', async () => {
  const { exact, fakes, reweighting, frame } = await make();
  reweighting.change({ temperature: 2 });
  await frame();
  expect(reweighting.result?.exact, 'nothing was computed').toEqual({});
  expect(fakes.base.targets).toEqual([]);
  await exact.start();
  reweighting.askAgain();
  await frame();
  expect(fakes.base.targets).toEqual([{ temperature: 2, topP: 1, topK: 0, minP: 0 }]);
  const told = reweighting.result?.exact ?? {};
  expect(Object.keys(told)).toEqual(['base', 'sft']);
  // As explored at T = 1, halved.
  expect([told['base']?.bounds?.residual, told['sft']?.bounds?.residual]).toEqual([0.75, 0.875]);
});

test('at the run’s own values the tree says what its bounds say', async () => {
  const { exact, reweighting, frame } = await make();
  await exact.start();
  reweighting.change({ temperature: 1 });
  await frame();
  for (const { checkpointId, progress } of exact.shown) {
    expect(progress).not.toBeNull();
    expect(reweighting.result?.exact[checkpointId]?.bounds).toEqual(progress?.bounds);
  }
});

test('the tree of another run is refused, one that fails says why, and the samples are not touched', async () => {
  const { exact, fakes, session, reweighting, frame } = await make();
  await exact.start();
  await session.run({ ...item, sampler: { ...item.sampler, seed: 9 } }, 'auto', noImages);
  await exact.start();
  session.show(0);
  fakes.sft.reweightError = new Error('gone');
  reweighting.change({ temperature: 0.5 });
  await frame();
  expect(reweighting.result?.exact).toEqual({
    base: { bounds: null, reason: 'other-run-kept' },
    sft: { bounds: null, reason: 'failed', message: 'gone' },
  });
  session.show(1);
  reweighting.change({ temperature: 0.5 });
  await frame();
  expect(reweighting.result?.exact['base']?.bounds?.residual).toBe(0);
  expect(reweighting.result?.answers['sft']?.type).toBe('weights');
});

test('to be asked again needs sliders that were moved on the shown result', async () => {
  const { exact, fakes, session, reweighting, frame } = await make();
  await exact.start();
  reweighting.askAgain();
  await frame();
  expect(fakes.base.targets).toEqual([]);
  reweighting.change({ temperature: 0.5 });
  await frame();
  session.clear();
  reweighting.askAgain();
  await frame();
  expect(fakes.base.targets).toHaveLength(1);
});

test('a raised K keeps the tree: it does not depend on the samples', async () => {
  const { exact, session, reweighting, frame } = await make();
  await exact.start();
  await session.run({ ...item, sampler: { ...item.sampler, k: 32 } }, 'auto', noImages);
  reweighting.change({ temperature: 0.5 });
  await frame();
  expect(reweighting.result?.exact['sft']?.bounds?.residual).toBe(0.5);
});

test('bounds that failed are not asked for', async () => {
  const { exact, fakes, reweighting, frame } = await make();
  fakes.base.error = new Error('no room');
  await exact.start();
  reweighting.change({ temperature: 0.5 });
  await frame();
  expect(Object.keys(reweighting.result?.exact ?? {})).toEqual(['sft']);
});

test('of a server the sliders wait for bounds, and the reason stands in their place', async () => {
  const { base, sft, exact, session, reweighting } = await make({ promptMode: 'direct' });
  const served = { calls: null, reason: 'A server keeps no logits.' } as const;
  base.reweight = served;
  expect(reweighting.unweighted, 'one can still be weighted').toBeNull();
  sft.reweight = served;
  await session.run(
    { ...item, promptMode: 'direct', sampler: { ...SAMPLER, k: 4 } },
    'auto',
    noImages,
  );
  expect(reweighting.unavailable).toBe(
    'A server keeps no logits. Bound the probabilities above: what is bounded can be worked out for other settings.',
  );
  await exact.start();
  expect([reweighting.unavailable, reweighting.unweighted]).toEqual([null, served.reason]);
});

test('a server’s run of a file is not offered a run that could not be re-weighted either', async () => {
  const { session, reweighting } = await make();
  const record = { ...recordOf([]), samples: [servedSampleOf('<answer>B</answer>')] };
  session.add([{ record, image: null, origin: 'imported', createdAt: '' }]);
  expect(reweighting.unavailable).toMatch(/^Not for a server’s run: a server does not keep/);
});
