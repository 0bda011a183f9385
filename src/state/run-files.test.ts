import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { RunFiles } from './run-files.svelte.ts';
import type { RunSession } from './run-session.svelte.ts';

test('a file that Explore cannot hold is refused before it is read, and says where it can be opened', async () => {
  const files = new RunFiles({} as RunSession, '1');
  const file = {
    name: 'set.jsonl',
    size: 763e6,
    text: () => Promise.reject(new Error('read')),
  };
  await files.open(file as unknown as File, () => {
    throw new Error('nothing was read');
  });
  expect(files.error?.name).toBe('RunFileInvalid');
  expect(files.error?.message).toMatch(/set\.jsonl has 763\sMB.*Evaluate/u);
});

test('who is to take a result over is told in the turn in which it is shown', async () => {
  const text = await readFile('public/runs/first.jsonl', 'utf8');
  const order: string[] = [];
  const session = {
    add: () => {
      order.push('shown');
      queueMicrotask(() => order.push('drawn'));
    },
  } as unknown as RunSession;
  const file = { name: 'first.jsonl', size: text.length, text: () => Promise.resolve(text) };
  await new RunFiles(session, '1').open(file as unknown as File, () => order.push('taken over'));
  expect(order).toEqual(['shown', 'taken over', 'drawn']);
});
