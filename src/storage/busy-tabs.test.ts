import { expect, test } from 'vitest';
import { BusyTabs } from './busy-tabs.ts';

/** Locks as browsers give them: shared ones together, an exclusive one alone or not at all. */
function fakeLocks(): LockManager {
  let held = 0;
  const request = async (
    _name: string,
    { mode }: LockOptions,
    work: (lock: Lock | null) => Promise<unknown>,
  ): Promise<unknown> => {
    if (mode !== 'shared' && held > 0) return work(null);
    held += 1;
    try {
      return await work({ mode: mode ?? 'exclusive', name: '' });
    } finally {
      held -= 1;
    }
  };
  return { request } as unknown as LockManager;
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

test('work waits for no tab that is busy: it is given up', async () => {
  const locks = fakeLocks();
  const here = new BusyTabs(locks);
  const there = new BusyTabs(locks);
  let runs = 0;
  const work = () => {
    runs += 1;
    return Promise.resolve();
  };
  there.mark(true);
  there.mark(true);
  expect(await here.whereNoneIs(work)).toBe(false);
  there.mark(false);
  await settle();
  expect(await here.whereNoneIs(work)).toBe(true);
  here.mark(true);
  expect(await here.whereNoneIs(work)).toBe(false);
  expect(runs).toBe(1);
});

test('without locks a tab knows of itself', async () => {
  const alone = new BusyTabs(null);
  const work = () => Promise.resolve();
  expect(await alone.whereNoneIs(work)).toBe(true);
  alone.mark(true);
  expect(await alone.whereNoneIs(work)).toBe(false);
});
