import { expect, test } from 'vitest';
import { evaluationState, REQUEST } from '../../test/support/evaluation-state.ts';
import { NamedError } from '../protocol/errors.ts';
import { CooledParent, MOST_RUNS } from './cooled-parent.svelte.ts';
import { ComparedPairs, RunComparison, type ComparisonStep } from './comparison.svelte.ts';

const K = 16;
const sampler = { ...REQUEST.settings.sampler, k: K, temperature: 1, topP: 1 };
const settings = { ...REQUEST.settings, sampler, nulls: false };

const say = (isB: boolean): string => `<answer>${isB ? 'B' : 'A'}</answer>`;

/**
 * `base` was asked at T = 1, where half of its answers are A; cooled, ever fewer. Of the answers of `sft`
 * an eighth is A, which `base` says at T = 0.25.
 */
async function compared(change: Partial<typeof settings> = {}, itemsPerSet = 3) {
  const state = evaluationState();
  const { job, shelf, backends, figures, checkpoints } = state;
  const [base, sft] = backends;
  const temperature = (): number => base.requests.at(-1)?.sampler.temperature ?? 0;
  base.textOf = (index) => say(index >= Math.round((K / 2) * temperature()));
  sft.textOf = (index) => say(index >= K / 8);
  await job.start(
    { ...REQUEST, itemsPerSet, settings: { ...settings, ...change } },
    'wasm',
    () => undefined,
  );
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const cooled = new CooledParent(shelf, job, {
    figures,
    hasCheckpoint: (id) => checkpoints.find(id) !== undefined,
    makeId: () => ids.shift() ?? '',
    now: () => '2026-11-27T00:00:00.000Z',
  });
  return { ...state, base, sft, cooled, step: await stepOf(state, ['base', 'sft']) };
}

async function stepOf(
  { shelf, figures }: Pick<ReturnType<typeof evaluationState>, 'shelf' | 'figures'>,
  ids: readonly string[],
): Promise<ComparisonStep> {
  const comparison = new RunComparison(shelf, new ComparedPairs(shelf, figures));
  await comparison.compare(ids.map((checkpointId) => ({ runId: 'run 1', checkpointId })));
  const [step] = comparison.steps;
  if (!step) throw new Error('There is a step.');
  return step;
}

test('asks the parent colder until it is as sharp as the child, and compares the two', async () => {
  const { cooled, step, shelf, base } = await compared();
  await cooled.look(step);
  expect(cooled.of(step)?.state).toEqual({ kind: 'open', next: 0.54, between: [0, 1] });
  const seen: unknown[] = [];
  base.onHalf = () => seen.push([cooled.workOf(step)?.round, cooled.run?.name]);
  await cooled.start(step);
  const control = cooled.of(step);
  expect(control?.state).toMatchObject({ kind: 'matched' });
  expect(control?.child.entropyNats).toBeCloseTo(0.377, 3);
  expect(control?.comparison?.paired.all.change.entropyNats.value).toBeCloseTo(0, 12);
  expect(control?.comparison?.paired.all.change.sampleAccuracy.value).toBeCloseTo(0, 12);
  expect(control?.matched?.name).toMatch(/^base cooled to T = 0\.\d+, control of two sets$/);
  const runs = shelf.runs.filter(({ id }) => id !== 'run 1');
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.length).toBeLessThanOrEqual(MOST_RUNS);
  for (const run of runs) {
    expect(run).toMatchObject({
      done: 6,
      items: 6,
      settings: { nulls: false, checkpointIds: ['base'] },
    });
  }
  // T = 0, what was measured, and as it was asked.
  expect(control?.curve.map(({ temperature }) => temperature)).toEqual(
    [0, ...runs.map(({ settings: { sampler: at } }) => at.temperature), 1].toSorted(
      (a, b) => a - b,
    ),
  );
  expect(control?.curve[0]).toMatchObject({ entropyNats: 0 });
  expect(seen[0]).toEqual([1, 'base cooled to T = 0.54, control of two sets']);
  expect(cooled.workOf(step)).toBeNull();
  expect(cooled.errorOf(step)).toBeNull();
});

test('what is stored is not asked again: another page finds it', async () => {
  const first = await compared();
  await first.cooled.start(first.step);
  const asked = first.base.requests.length;
  const again = new CooledParent(first.shelf, first.job, {
    figures: first.figures,
    hasCheckpoint: () => true,
    makeId: () => 'new',
    now: () => '',
  });
  await again.look(first.step);
  expect(again.of(first.step)).toEqual(first.cooled.of(first.step));
  await again.start(first.step);
  expect(first.base.requests).toHaveLength(asked);
  // The matched comparison is not worked out twice.
  const jobs = first.figures.jobs.length;
  await again.look(first.step);
  expect(first.figures.jobs).toHaveLength(jobs);
});

test('a stop keeps what is whole, is no error, and the same run goes on', async () => {
  const { cooled, step, shelf, base } = await compared();
  const before = base.requests.length;
  base.onHalf = () => {
    if (base.requests.length === before + 3) cooled.stop();
  };
  await cooled.start(step);
  expect(cooled.errorOf(step)).toBeNull();
  expect(cooled.workOf(step)).toBeNull();
  expect(shelf.find('a')).toMatchObject({ done: 2, items: 6 });
  expect(cooled.of(step)?.curve).toHaveLength(2);
  await cooled.start(step);
  expect(shelf.find('a')).toMatchObject({ done: 6 });
  expect(cooled.of(step)?.state.kind).toBe('matched');
});

test('why it broke off is named, and the next start goes on', async () => {
  const { cooled, step, base, shelf } = await compared();
  base.unload();
  base.loadError = new NamedError('NetworkFailed', 'no network');
  await cooled.start(step);
  expect(cooled.errorOf(step)?.message).toBe('no network');
  // Nothing was stored of a run that never began.
  expect(shelf.runs).toHaveLength(1);
  await cooled.start(step);
  expect(cooled.errorOf(step)).toBeNull();
  expect(cooled.of(step)?.state.kind).toBe('matched');
});

test('other weights than those that answered are refused', async () => {
  const { cooled, step, base } = await compared();
  base.answerer = base.answerer && { ...base.answerer, device: 'webgpu (x)' };
  const { loads } = base;
  await cooled.start(step);
  // On another device it is loaded again where it answered.
  expect(base.loads).toBe(loads + 1);
  expect(cooled.of(step)?.state.kind).toBe('matched');

  const other = await compared();
  const { parent } = other.step;
  const step2 = {
    ...other.step,
    parent: { ...parent, answerer: { ...parent.answerer, revision: 'r0' } },
  };
  await other.cooled.start(step2);
  expect(other.cooled.errorOf(step2)?.name).toBe('CheckpointInvalid');
  expect(other.shelf.runs).toHaveLength(1);
});

test('at most four temperatures at a time; another start goes on', async () => {
  const { cooled, step, shelf, base } = await compared();
  // Nothing in between: no temperature is as sharp as the child.
  base.textOf = (index) =>
    say(index >= ((base.requests.at(-1)?.sampler.temperature ?? 0) < 0.3 ? 0 : 8));
  await cooled.start(step);
  expect(shelf.runs).toHaveLength(1 + MOST_RUNS);
  expect(cooled.of(step)?.state.kind).toBe('open');
  expect(cooled.of(step)?.comparison).toBeNull();
  await cooled.start(step);
  expect(cooled.of(step)?.state.kind).toBe('unreachable');
});

test('a child that is no sharper leaves nothing to cool', async () => {
  const { cooled, shelf, figures } = await compared();
  const step = await stepOf({ shelf, figures }, ['sft', 'base']);
  await cooled.start(step);
  expect(cooled.of(step)?.state.kind).toBe('not-sharper');
  expect(shelf.runs).toHaveLength(1);
});

test('says why there is none, and asks nothing', async () => {
  const few = await compared({}, 2);
  expect(few.cooled.reasonWithout(few.step)).toContain('Fewer than 6');
  const greedy = await compared({ sampler: { ...sampler, temperature: 0 } });
  expect(greedy.cooled.reasonWithout(greedy.step)).toContain('T = 0');
  for (const { cooled, step, shelf } of [few, greedy]) {
    await cooled.look(step);
    await cooled.start(step);
    expect(cooled.of(step)).toBeNull();
    expect(shelf.runs).toHaveLength(1);
  }
});

test('refuses in words while a checkpoint is at work elsewhere, or is not there', async () => {
  const { cooled, step, checkpoints, shelf } = await compared();
  checkpoints.take('explore');
  expect(cooled.refusal(step)).toContain('Explore');
  await cooled.start(step);
  expect(shelf.runs).toHaveLength(1);
  checkpoints.release();
  expect(cooled.refusal(step)).toBeNull();
  const gone = { ...step, parent: { ...step.parent, checkpointId: 'gone' } };
  expect(cooled.refusal(gone)).toContain('no checkpoint gone');
});

test('one control at a time', async () => {
  const { cooled, step, base } = await compared();
  const refusals: (string | null)[] = [];
  base.onHalf = () => refusals.push(cooled.refusal(step));
  await cooled.start(step);
  expect(refusals[0]).toContain('Another control is running');
});

test('answers in words that the page does not use any more are not mixed with new ones', async () => {
  const { cooled, step, store, shelf } = await compared();
  const { record } = store;
  store.record = async (at) => {
    const known = await record(at);
    return known && { ...known, promptText: 'Older words' };
  };
  await cooled.start(step);
  expect(cooled.errorOf(step)?.message).toContain('run both checkpoints again');
  expect(shelf.runs).toHaveLength(1);
});
