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
  expect(await files.open(file as unknown as File)).toBe(false);
  expect(files.error?.name).toBe('RunFileInvalid');
  expect(files.error?.message).toMatch(/set\.jsonl has 763\sMB.*Evaluate/u);
});
