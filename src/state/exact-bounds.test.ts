import { expect, test } from 'vitest';
import { BLOOD_QUESTION, recordOf, SAMPLER } from '../core/record-fixture.ts';
import { NamedError } from '../protocol/errors.ts';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { FakeExact } from '../../test/support/fake-exact.ts';
import { CheckpointChoice } from './checkpoint-choice.svelte.ts';
import { DEFAULT_EXACT, ExactBounds } from './exact-bounds.svelte.ts';
import { ExactTurn } from './exact-turn.svelte.ts';
import type { RunItem } from '../evaluation/live-record.ts';
import { TraceScore } from './trace-score.svelte.ts';
import { RunResults } from './run-results.svelte.ts';
import { RunSession } from './run-session.svelte.ts';

const noImages = () => Promise.resolve({ images: null, reason: 'No set.' } as const);

const item: RunItem = {
  image: { width: 2, height: 3, data: new Uint8Array(18) },
  source: recordOf([]).image,
  question: BLOOD_QUESTION,
  promptMode: 'direct',
  hint: null,
  nulls: false,
  sampler: SAMPLER,
};

async function make(chosen: readonly string[] = ['sft']) {
  const backends = [new FakeBackend('sft', 'sft'), new FakeBackend('rl', 'rl', 'sft')] as const;
  const [sft, rl] = backends;
  const fake = new FakeExact();
  for (const backend of backends) backend.exact = { calls: fake, reason: null };
  const choice = new CheckpointChoice(backends, chosen);
  const results = new RunResults();
  const now = (callback: () => void): void => {
    callback();
  };
  const session = new RunSession(choice, results, now, () => '2026-11-26T00:00:00.000Z');
  const turn = new ExactTurn(session);
  const exact = new ExactBounds(results, session, turn, now);
  await session.run(item, 'auto', noImages);
  const shown = () =>
    exact.shown.map(({ checkpointId, phase, progress }) => [
      checkpointId,
      phase,
      progress?.bounds.residual ?? null,
    ]);
  return { sft, rl, fake, results, session, turn, exact, shown };
}

test('every checkpoint of the shown run is bounded, one after the other, as its samples were', async () => {
  const { exact, fake, shown, results } = await make(['sft', 'rl']);
  expect(exact.shown).toEqual([]);
  const seen: unknown[] = [];
  fake.onPass = () => seen.push(shown());
  await exact.start();
  expect(shown()).toEqual([
    ['sft', 'epsilon', 0],
    ['rl', 'epsilon', 0],
  ]);
  expect(seen[1]).toEqual([
    ['sft', 'running', 0.5],
    ['rl', 'waiting', null],
  ]);
  expect(fake.mostAtOnce).toBe(1);
  const { promptText, question } = results.shown?.first.record ?? recordOf([]);
  expect(fake.requests).toHaveLength(2);
  const { temperature, topP, topK, minP, maxNewTokens } = SAMPLER;
  expect(fake.requests[0]).toEqual({
    ...{ image: item.image, promptText, question, prefix: null, ...DEFAULT_EXACT },
    sampler: { temperature, topP, topK, minP, maxNewTokens },
    keepAs: results.shown?.first.record.runId,
  });
});

test('Stop keeps the bounds, and the checkpoints that come later are not asked', async () => {
  const { exact, fake, shown, turn } = await make(['sft', 'rl']);
  fake.onPass = (pass) => {
    if (pass === 2) exact.stop();
  };
  await exact.start();
  expect(shown()).toEqual([
    ['sft', 'stopped', 0.5],
    ['rl', 'stopped', null],
  ]);
  expect(fake.requests).toHaveLength(1);
  expect(turn.work).toBeNull();
});

test('a second start is refused while one goes on, and waits for a run', async () => {
  const { exact, fake, session } = await make();
  const first = exact.start();
  expect(exact.isRunning).toBe(true);
  expect(exact.refusal).toMatch(/being computed/);
  await Promise.all([first, exact.start()]);
  expect(fake.requests).toHaveLength(1);
  const run = session.run(item, 'auto', noImages);
  expect(exact.refusal).toMatch(/run is going on/);
  await exact.start();
  await run;
  expect(fake.requests).toHaveLength(1);
});

test('bounds belong to their result; leaving it stops them', async () => {
  const { exact, fake, session, results, shown } = await make();
  await exact.start();
  await session.run({ ...item, sampler: { ...SAMPLER, temperature: 2 } }, 'auto', noImages);
  expect(exact.shown).toEqual([]);
  fake.onPass = (pass) => {
    if (pass === 1) session.show(0);
  };
  await exact.start();
  expect(results.shownIndex).toBe(0);
  expect(shown()).toEqual([['sft', 'epsilon', 0]]);
  session.show(1);
  expect(shown()).toEqual([['sft', 'stopped', 0.5]]);
});

test('a failure is kept at its checkpoint with the bounds so far; the next one goes on', async () => {
  const { exact, fake, shown } = await make(['sft', 'rl']);
  fake.error = new NamedError('OutOfMemory', 'no room');
  await exact.start();
  expect(shown()).toEqual([
    ['sft', 'failed', 0.75],
    ['rl', 'epsilon', 0],
  ]);
  expect(exact.shown[0]?.error).toMatchObject({ name: 'OutOfMemory', message: 'no room' });
});

test('a turn that is taken is not given twice', async () => {
  const { turn } = await make();
  let jobs = 0;
  const job = (): Promise<void> => {
    jobs += 1;
    return Promise.resolve();
  };
  await Promise.all([turn.take('bounds', job), turn.take('score', job)]);
  expect(jobs).toBe(1);
  await turn.take('score', job);
  expect(jobs).toBe(2);
});

test('settle ends what goes on', async () => {
  const { exact, turn } = await make();
  const job = exact.start();
  await turn.settle();
  expect(turn.work).toBeNull();
  await job;
  expect(exact.shown[0]?.phase).toBe('stopped');
});

test.each([
  [{ epsilon: 0 }, 'epsilon'],
  [{ epsilon: 1 }, 'epsilon'],
  [{ epsilon: NaN }, 'epsilon'],
  [{ nodeBudget: 0 }, 'nodeBudget'],
  [{ nodeBudget: 2.5 }, 'nodeBudget'],
])('%o is refused at its field', async (change, field) => {
  const { exact, fake } = await make();
  exact.change(change);
  expect(exact.problems.map((problem) => problem.field)).toEqual([field]);
  await exact.start();
  expect(fake.requests).toEqual([]);
});

test('without the model that gave the samples there is a reason', async () => {
  const { exact, session, sft, results } = await make();
  expect(exact.reason).toBeNull();
  sft.unload();
  session.checkpoints.sync();
  expect(exact.reason).toMatch(/sft is no longer loaded: press Run first/);
  const add = (origin: 'imported' | 'recorded' | 'stored') => {
    session.add([{ record: recordOf(['x']), image: item.image, origin, createdAt: '' }]);
  };
  add('recorded');
  expect(exact.reason).toMatch(/recorded run.*press Run first/);
  add('imported');
  expect(exact.reason).toMatch(/file.*press Run first/);
  add('stored');
  expect(exact.reason).toMatch(/tiny-sft/);
  results.showNothing();
  expect(exact.reason).toMatch(/no result yet/);
});

test('where bounds come from is told before they are asked for, and what refuses them is the reason', async () => {
  const { exact, rl, fake, sft, turn, session, results } = await make(['sft', 'rl']);
  expect(exact.from).toBe('model');
  const lists = new FakeExact();
  lists.from = 'lists';
  rl.exact = { calls: lists, reason: null };
  await session.run({ ...item, sampler: { ...SAMPLER, k: 4 } }, 'auto', noImages);
  expect(exact.from).toBe('both');
  fake.refused = 'The server lists nothing.';
  lists.refused = fake.refused;
  await session.run(item, 'auto', noImages);
  expect([exact.from, exact.reason]).toEqual([null, 'The server lists nothing.']);
  await exact.start();
  expect(fake.requests).toEqual([]);
  const trace = new TraceScore(results, session.checkpoints, turn);
  trace.edit(sft.checkpoint.id, 0);
  expect(trace.reason).toBe('The server lists nothing.');
});
