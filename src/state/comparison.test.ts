import { expect, test } from 'vitest';
import { evaluationState, REQUEST } from '../../test/support/evaluation-state.ts';
import { compareItems } from '../core/sets/comparison.ts';
import { NamedError } from '../protocol/errors.ts';
import { ComparedPairs, MAX_SIDES, RunComparison } from './comparison.svelte.ts';

/** Two checkpoints that answered four items. */
async function comparison() {
  const state = evaluationState();
  await state.job.start(REQUEST, 'wasm', () => undefined);
  await state.shelf.open();
  return {
    ...state,
    comparison: new RunComparison(state.shelf, new ComparedPairs(state.shelf, state.figures)),
  };
}
const side = (checkpointId: string) => ({ runId: 'run 1', checkpointId });

test('each side is set against the one before it, on the items of the store', async () => {
  const { comparison: compared, results } = await comparison();
  await compared.compare([side('base'), side('sft')]);
  await results.open('run 1');
  const [step] = compared.steps;
  expect(compared.steps).toHaveLength(1);
  expect(step?.comparison).toEqual(
    compareItems(results.itemsOf.get('base') ?? [], results.itemsOf.get('sft') ?? []),
  );
  await compared.moveUp(side('sft'));
  expect(compared.sides.map(({ checkpointId }) => checkpointId)).toEqual(['sft', 'base']);
  expect(compared.steps[0]?.parent.checkpointId).toBe('sft');
  await compared.toggle(side('sft'));
  expect(compared.steps).toEqual([]);
});

test('work on sides that are no longer compared is dropped', async () => {
  const { comparison: compared, figures } = await comparison();
  let open: (value: unknown) => void = () => undefined;
  figures.gate = new Promise((resolve) => {
    open = resolve;
  });
  const first = compared.compare([side('base'), side('sft')]);
  const second = compared.compare([side('sft'), side('base')]);
  expect(compared.isComputing).toBe(true);
  open(null);
  await Promise.all([first, second]);
  expect(compared.isComputing).toBe(false);
  expect(compared.error).toBeNull();
  expect(
    compared.steps.map(({ child, comparison: made }) => [child.checkpointId, made?.pairs]),
  ).toEqual([['base', 4]]);
});

test('what cannot be read or has nothing in common says so; a sixth side is refused', async () => {
  const { comparison: compared, store, job } = await comparison();
  store.entries = () => Promise.reject(new NamedError('StorageFailed', 'broken'));
  await compared.compare([side('base'), side('sft')]);
  expect(compared.error?.message).toBe('broken');
  expect(compared.isComputing).toBe(false);
  store.entries = () => Promise.resolve([]);
  await compared.compare([side('base'), side('sft')]);
  expect(compared.error).toBeNull();
  expect(compared.steps[0]?.problem).toContain('nothing in common');
  for (let more = 0; more < 2; more += 1) await job.start(REQUEST, 'wasm', () => undefined);
  for (const one of compared.available) if (!compared.has(one)) await compared.toggle(one);
  expect(compared.available).toHaveLength(6);
  expect(compared.sides).toHaveLength(MAX_SIDES);
});
