import { describe, expect, test } from 'vitest';
import { itemFigures } from '../core/sets/item-figures.ts';
import { setRun } from '../storage/set-run-fixture.ts';
import type { RunSettings, StoredRun } from '../storage/stored-run.ts';
import { cooledRun, coolingRefusal, isCooled, itemsOf } from './cooled-run.ts';

const { newRun, records } = await setRun(4);
const { answerer } = records[0]?.record ?? {};
if (!answerer) throw new Error('There are records.');
const run: StoredRun = {
  ...newRun.run,
  answerers: { 'tiny-base': answerer },
};
const parent = { run, checkpointId: 'tiny-base' };
const AT = { runId: 'cold', createdAt: '2026-11-27T00:00:00.000Z' };

const withSettings = (of: StoredRun, change: Partial<RunSettings>): StoredRun => ({
  ...of,
  settings: { ...of.settings, ...change },
});
const withSampler = (of: StoredRun, change: Partial<RunSettings['sampler']>): StoredRun =>
  withSettings(of, { sampler: { ...of.settings.sampler, ...change } });

describe('a cooled run', () => {
  const items = newRun.items.slice(0, 3);
  const cold = cooledRun(parent, items, 0.5, AT);

  test('asks one checkpoint the same, only colder and without nulls', () => {
    expect(cold.run).toMatchObject({
      ...{ id: AT.runId, createdAt: AT.createdAt },
      name: `tiny-base cooled to T = 0.5, control of ${run.name}`,
      settings: {
        ...run.settings,
        checkpointIds: ['tiny-base'],
        nulls: false,
        sampler: { ...run.settings.sampler, temperature: 0.5 },
      },
      items: 3,
      done: 0,
      answerers: {},
    });
    expect(cold.run.datasets.reduce((sum, one) => sum + one.items, 0)).toBe(3);
  });

  test('has the items in their order, without wrong images and pixels of its own', () => {
    expect(cold.items).toEqual(items.map((item) => ({ ...item, wrongImages: null })));
    expect(items[0]?.wrongImages).not.toBeNull();
    expect(cold.images.size).toBe(0);
  });

  test('is known as one, before its first answer and after', () => {
    expect(isCooled(cold.run, parent)).toBe(true);
    expect(isCooled({ ...cold.run, answerers: { 'tiny-base': answerer } }, parent)).toBe(true);
  });

  test.each<[string, StoredRun]>([
    ['the run itself', run],
    ['a warmer one', withSampler(cold.run, { temperature: 0.9 })],
    ['T = 0', withSampler(cold.run, { temperature: 0 })],
    ['another seed', withSampler(cold.run, { seed: 8 })],
    ['another K', withSampler(cold.run, { k: 16 })],
    ['another filter', withSampler(cold.run, { topP: 0.5 })],
    ['another prompt mode', withSettings(cold.run, { promptMode: 'think' })],
    ['another checkpoint', withSettings(cold.run, { checkpointIds: ['tiny-sft'] })],
    [
      'other weights',
      { ...cold.run, answerers: { 'tiny-base': { ...answerer, revision: 'other' } } },
    ],
    [
      'another device',
      { ...cold.run, answerers: { 'tiny-base': { ...answerer, device: 'webgpu (x)' } } },
    ],
    [
      'one without its answers that asks others too',
      withSettings(cold.run, { checkpointIds: ['tiny-base', 'tiny-sft'] }),
    ],
  ])('is not %s', (_, candidate) => {
    expect(isCooled(candidate, parent)).toBe(false);
  });
});

test('a run of several checkpoints counts once the parent has answered', () => {
  const both = withSampler(run, { temperature: 0.3 });
  expect(isCooled(both, parent)).toBe(true);
});

describe('no control', () => {
  const child = { run, checkpointId: 'tiny-sft' };

  test('where something else than the checkpoint differs, by name', () => {
    expect(coolingRefusal(parent, child)).toBeNull();
    expect(coolingRefusal(parent, { ...child, run: withSampler(run, { seed: 99 }) })).toBeNull();
    const other = withSettings(withSampler(run, { k: 8, temperature: 1 }), {
      promptMode: 'think',
    });
    expect(coolingRefusal(parent, { ...child, run: other })).toContain(
      'another K, another T, another prompt mode',
    );
    const hinted = withSettings(run, { promptMode: 'hinted', hint: 'one' });
    expect(
      coolingRefusal(
        { ...parent, run: hinted },
        { ...child, run: withSettings(hinted, { hint: 'two' }) },
      ),
    ).toContain('another hint');
    // A hint that is not read.
    expect(coolingRefusal(parent, { ...child, run: withSettings(run, { hint: 'x' }) })).toBeNull();
  });

  test('at T = 0', () => {
    const greedy = withSampler(run, { temperature: 0 });
    expect(coolingRefusal({ ...parent, run: greedy }, { ...child, run: greedy })).toContain(
      'T = 0',
    );
  });
});

test('the items of figures, each once', () => {
  const figures = records
    .filter(({ at }) => at.checkpointId === 'tiny-base' && at.place !== 1)
    .map(({ record }) => itemFigures(record))
    .filter((one) => one !== null);
  const places = [0, 2, 3];
  const wanted = places.map((place) => newRun.items[place]);
  expect(itemsOf(newRun.items, figures)).toEqual(wanted);
  expect(itemsOf([...newRun.items, ...newRun.items], figures)).toEqual(wanted);
  expect(
    itemsOf(
      newRun.items.map((item) => ({ ...item, question: { ...item.question, text: 'Else?' } })),
      figures,
    ),
  ).toEqual([]);
});
