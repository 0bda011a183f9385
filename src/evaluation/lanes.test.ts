import { expect, test } from 'vitest';
import { inLanes } from './lanes.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test('several at a time, in order, as many as may be by then', async () => {
  let open = 0;
  let atOnce = 1;
  const begun: number[] = [];
  const most: number[] = [];
  const work = async (entry: number) => {
    begun.push(entry);
    open += 1;
    most.push(open);
    await turn();
    open -= 1;
    atOnce = entry < 4 ? 3 : 2;
  };
  await inLanes(
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
    () => atOnce,
    work,
    () => undefined,
  );
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(most[0]).toBe(1);
  expect(Math.max(...most)).toBe(3);
  expect(Math.max(...most.slice(-2))).toBe(2);
});

test('the first failure begins nothing else, is told at once and thrown at the end', async () => {
  const ended: number[] = [];
  const told: number[] = [];
  const work = async (entry: number) => {
    await turn();
    if (entry === 1) throw new Error('the second');
    await turn();
    ended.push(entry);
    if (entry === 2) throw new Error('the third');
  };
  const all = inLanes(
    [0, 1, 2, 3, 4],
    () => 3,
    work,
    () => told.push(ended.length),
  );
  await expect(all).rejects.toThrow('the second');
  expect(told).toEqual([0]);
  expect(ended).toEqual([0, 2]);
});
