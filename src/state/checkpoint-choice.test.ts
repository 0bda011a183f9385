import { expect, test } from 'vitest';
import { FakeBackend } from '../../test/support/fake-backend.ts';
import { CheckpointChoice, CheckpointSlot } from './checkpoint-choice.svelte.ts';

const IDS = ['base', 'sft', 'sft-more', 'rl', 'base-rl', 'rl-one'];
const signal = new AbortController().signal;

function make(defaults: readonly string[] = ['sft']) {
  const backends = IDS.map((id) => new FakeBackend(id));
  return { backends, choice: new CheckpointChoice(backends, defaults) };
}

test('chosen checkpoints stand in the order of the table; unknown ids are given back', () => {
  const { choice } = make();
  expect(choice.chosenIds).toEqual(['sft']);
  expect(choice.choose(['rl', 'nobody', 'base'])).toEqual(['nobody']);
  expect(choice.chosenIds).toEqual(['base', 'rl']);
  expect(choice.choose([])).toEqual([]);
  expect(choice.chosenIds).toEqual(['sft']);
  expect(choice.choose(['nobody'])).toEqual(['nobody']);
  expect(choice.chosenIds).toEqual(['sft']);
});

test('a default that is not in the table falls back to its first row', () => {
  expect(make(['gone']).choice.chosenIds).toEqual(['base']);
});

test('the fifth toggle says why not, and the last one cannot be taken away', () => {
  const { choice } = make();
  for (const id of ['base', 'rl', 'rl-one']) choice.toggle(id);
  expect(choice.chosenIds).toEqual(['base', 'sft', 'rl', 'rl-one']);
  choice.toggle('sft-more');
  expect(choice.chosenIds).toHaveLength(4);
  expect(choice.refusal).toMatch(/At most 4/);
  choice.toggle('rl-one');
  expect(choice.refusal).toBe('');
  choice.toggle('rl');
  choice.toggle('base');
  choice.toggle('sft');
  expect(choice.chosenIds).toEqual(['sft']);
  expect(choice.refusal).toMatch(/has to stay/);
});

test('five in an address: the first four of the table, and it is said', () => {
  const { choice } = make();
  choice.choose(IDS.slice(0, 5));
  expect(choice.chosenIds).toEqual(IDS.slice(0, 4));
  expect(choice.refusal).toMatch(/first 4 were taken/);
});

test('a fifth load lets the least recently used go, never one that is needed now', async () => {
  const { choice, backends } = make();
  const slots = choice.slots;
  const load = async (...places: readonly number[]) => {
    for (const place of places) {
      const slot = slots[place];
      if (slot) await choice.load(slot, 'auto', signal);
    }
  };
  const alive = () => backends.filter((one) => one.answerer !== null).map((b) => b.checkpoint.id);
  await load(0, 1, 2, 3);
  expect(alive()).toHaveLength(4);
  choice.touch(slots.slice(0, 1));
  await load(4);
  expect(alive()).toEqual(['base', 'sft-more', 'rl', 'base-rl']);
  expect(slots[1]?.answerer).toBeNull();
  // The run needs all but rl, which is the one that has to go.
  choice.touch([0, 2, 4, 5].flatMap((place) => slots[place] ?? []));
  await load(5);
  expect(alive()).toEqual(['base', 'sft-more', 'base-rl', 'rl-one']);
});

test('what a worker still tells of a load that has failed is not taken for a load that goes on', async () => {
  const backend = new FakeBackend('base');
  let tell: (() => void) | undefined;
  backend.load = (_preference, { onEvent }) => {
    tell = () => {
      onEvent?.({ loadedBytes: 1, totalBytes: 2, elapsedMs: 3 });
    };
    tell();
    return Promise.reject(new Error('It is missing.'));
  };
  const slot = new CheckpointSlot(backend);
  const loading = slot.load('wasm', signal);
  expect(slot.progress?.loadedBytes).toBe(1);
  await expect(loading).rejects.toThrow('It is missing.');
  tell?.();
  expect(slot.progress).toBeNull();
});
