import { expect, test } from 'vitest';
import { REQUEST } from '../../test/support/evaluation-state.ts';
import { setOf } from '../../test/support/evaluation-sets.ts';
import { NamedError } from '../protocol/errors.ts';
import { planRun, type EvaluationSet } from './plan-run.ts';

const ports = {
  runId: 'run',
  createdAt: '2026-11-26T00:00:00.000Z',
  signal: new AbortController().signal,
  onProgress: () => undefined,
};
const plan = (set: EvaluationSet, nulls = false) =>
  planRun(
    { ...REQUEST, sets: [set], itemsPerSet: 100, settings: { ...REQUEST.settings, nulls } },
    ports,
  );
const blood = setOf('bloodmnist');
const failing = (
  name: 'ImageUnreadable' | 'WorkerDied',
  ids: readonly string[],
): EvaluationSet => ({
  ...blood,
  open: (id) =>
    ids.includes(id)
      ? Promise.reject(new NamedError(name, `${id} cannot be opened.`))
      : blood.open(id),
});

test('an image that cannot be read is left out, with the reason; another failure ends the plan', async () => {
  const { newRun, leftOut } = await plan(failing('ImageUnreadable', ['3', '5']));
  expect(newRun.items).toHaveLength(14);
  expect(leftOut?.count).toBe(2);
  expect(leftOut?.reason).toMatch(/^[35] cannot be opened/);
  await expect(plan(failing('WorkerDied', ['3']))).rejects.toMatchObject({ name: 'WorkerDied' });
});

test('where no image can be read the first reason is told', async () => {
  const all = blood.images.map(({ id }) => id);
  await expect(plan(failing('ImageUnreadable', all))).rejects.toMatchObject({
    name: 'QuestionInvalid',
    message: expect.stringMatching(/cannot be opened/) as string,
  });
});

test('more pixels than can be held are refused; an image that is there twice is held once', async () => {
  const large = (distinct: boolean): EvaluationSet => ({
    ...blood,
    open: async (id) => {
      const { image, source } = await blood.open(id);
      const data = { byteLength: 2 ** 29 } as Uint8Array;
      const sha256 = distinct ? source.sha256 : 'the same';
      return { image: { ...image, data }, source: { ...source, sha256 } };
    },
  });
  await expect(plan(large(true))).rejects.toMatchObject({ name: 'OutOfMemory' });
  expect((await plan(large(false), true)).newRun.images.size).toBe(1);
});
