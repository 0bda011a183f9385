/** `npm run sample-set`: many images through the page, and a run that was cut off goes on. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const script = fileURLToPath(new URL('../../scripts/sample-set.mjs', import.meta.url));

interface Line {
  readonly dataset: string;
  readonly kind: string;
  readonly question: { readonly options: readonly string[] };
  readonly greedy: { readonly correct: boolean };
  readonly samples: readonly { readonly text: string }[];
}

test('it samples what was asked for, and only what is missing', () => {
  test.setTimeout(420_000);
  const file = test.info().outputPath('set.jsonl');
  const settings = ['--kind', 'yes-no', '--mode', 'direct', '--k', '4', '--limit', '6'];
  const run = () =>
    execFileSync('node', [script, ...settings, '--out', file], { encoding: 'utf8' });

  expect(run()).toContain('6 of 6');
  const whole = readFileSync(file, 'utf8');
  const lines = whole
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
  expect(new Set(lines.map(({ dataset }) => dataset)).size).toBe(6);
  for (const line of lines) {
    expect(line.kind).toBe('yes-no');
    expect(line.question.options.toSorted()).toEqual(['no', 'yes']);
    expect(line.samples).toHaveLength(4);
    expect(typeof line.greedy.correct).toBe('boolean');
  }

  // cut off inside the last line, as by a kill
  writeFileSync(file, whole.slice(0, -40));
  expect(run()).toContain('1 of 1');
  expect(readFileSync(file, 'utf8')).toBe(whole);
  expect(run()).toContain('6 of them');
});
