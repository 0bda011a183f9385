import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readMergeCommand, reportLines } from './merge.mjs';

const here = fileURLToPath(new URL('merge.test.ts', import.meta.url));

test('the command needs a file to write that is not there, and files that are', () => {
  expect(readMergeCommand(['--out', 'merged-run.jsonl', here, here]).files).toEqual([here, here]);
  expect(() => readMergeCommand([here])).toThrow('--out');
  expect(() => readMergeCommand(['--out', 'merged-run.jsonl'])).toThrow('Name the files');
  expect(() => readMergeCommand(['--out', here, here])).toThrow('is there already');
  expect(() => readMergeCommand(['--out', 'merged-run.jsonl', 'nowhere.jsonl'])).toThrow(
    'nowhere.jsonl is not there',
  );
});

test('it says what is there, what is missing and what was left out', () => {
  const whole = { runId: 'r', name: 'blood', done: 4, total: 4, repeated: 0 };
  expect(reportLines({ ...whole, missing: [], problems: [] })).toEqual([
    '“blood”: 4 of 4 records.',
  ]);
  const lines = reportLines({
    ...{ ...whole, done: 1, repeated: 2 },
    missing: [{ shard: { number: 2, of: 3 }, missing: 3, total: 4 }],
    problems: [
      { file: 'a.jsonl', line: 7, message: 'This line is too long.' },
      { file: 'a.jsonl', line: null, message: 'has 1 of the 2 records that its header names' },
    ],
  });
  expect(lines.slice(0, -1)).toEqual([
    '“blood”: 1 of 4 records.',
    '2 were in two files with the same answers.',
    'Left out: a.jsonl, line 7: This line is too long.',
    'a.jsonl has 1 of the 2 records that its header names.',
    'Missing: 3 of 4 records of shard 2/3.',
  ]);
  expect(
    reportLines({ ...whole, missing: [{ shard: null, missing: 1, total: 4 }], problems: [] }),
  ).toContain('Missing: 1 of 4 records.');
});
