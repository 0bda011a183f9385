import { expect, test } from 'vitest';
import { planned } from '../../test/support/evaluation-state.ts';
import { MemoryStore } from '../../test/support/memory-store.ts';
import { NamedError } from '../protocol/errors.ts';
import { RunShelf, type StoragePort } from './run-shelf.svelte.ts';

async function shelfOf(storage: StoragePort | null = null) {
  const store = new MemoryStore(await planned('a'), await planned('bb'));
  let opened = 0;
  const open = () => {
    opened += 1;
    return Promise.resolve(store);
  };
  return { store, shelf: new RunShelf(open, storage), opened: () => opened };
}

test('lists the newest first, opening the store once', async () => {
  const { shelf, opened } = await shelfOf();
  expect(shelf.isOpen).toBe(false);
  await shelf.open();
  await shelf.open();
  expect(shelf.isOpen).toBe(true);
  expect(shelf.runs.map(({ id }) => id)).toEqual(['bb', 'a']);
  expect(opened()).toBe(1);
  expect(shelf.room).toBeNull();
});

test('renames in the store and in the list; an empty name changes nothing', async () => {
  const { shelf, store } = await shelfOf();
  await shelf.open();
  await shelf.rename('a', '  blood  ');
  expect(shelf.find('a')?.name).toBe('blood');
  await shelf.rename('a', '   ');
  expect((await store.run('a'))?.name).toBe('blood');
});

test('deletes, and takes over what a run in work reports', async () => {
  const { shelf, store } = await shelfOf();
  await shelf.open();
  await shelf.delete('bb');
  expect(shelf.runs.map(({ id }) => id)).toEqual(['a']);
  expect(await store.run('bb')).toBeUndefined();
  const { run } = await planned('new');
  shelf.update(run);
  shelf.update({ ...run, done: 3 });
  expect(shelf.runs.map(({ id, done }) => [id, done])).toEqual([
    ['new', 3],
    ['a', 0],
  ]);
});

test('a failure is told, and the next call opens the store anew', async () => {
  const { shelf, store, opened } = await shelfOf();
  const error = new NamedError('StorageFailed', 'gone');
  store.error = error;
  await shelf.open();
  expect(shelf.error).toBe(error);
  expect(store.isClosed).toBe(true);
  expect(shelf.isOpen).toBe(false);
  await shelf.open();
  expect(shelf.error).toBeNull();
  expect(shelf.runs).toHaveLength(2);
  expect(opened()).toBe(2);
});

test('room is what the browser says; it is asked once to keep the runs', async () => {
  let isPersistent = false;
  let asked = 0;
  const { shelf } = await shelfOf({
    estimate: () => Promise.resolve({ usage: 10, quota: 100 }),
    persisted: () => Promise.resolve(isPersistent),
    persist: () => {
      asked += 1;
      isPersistent = true;
      return Promise.resolve(true);
    },
  });
  await shelf.open();
  expect(shelf.room).toEqual({ usedBytes: 10, quotaBytes: 100, isPersistent: false });
  await shelf.askToKeep();
  await shelf.askToKeep();
  expect(shelf.room?.isPersistent).toBe(true);
  expect(asked).toBe(1);
});

test('a browser that refuses to tell leaves the room as it was', async () => {
  const { shelf } = await shelfOf({
    estimate: () => Promise.reject(new Error('no')),
    persisted: () => Promise.resolve(false),
    persist: () => Promise.reject(new Error('no')),
  });
  await shelf.open();
  await shelf.askToKeep();
  expect(shelf.error).toBeNull();
  expect(shelf.room).toBeNull();
});
