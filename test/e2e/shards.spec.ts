/** Two shards by the headless command, merged by the other one: the file of the whole run, which the page opens. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { timelessText } from '../support/merge-files.ts';
import { LONG, expect, overflow, test, violations } from './app.ts';

const script = (name: string): string =>
  fileURLToPath(new URL(`../../scripts/${name}.mjs`, import.meta.url));

const run = (name: string, ...args: readonly string[]): string =>
  execFileSync('node', [script(name), ...args], { encoding: 'utf8', stdio: 'pipe' });

const PLAN = [
  ...['--checkpoint', 'tiny-sft', '--data', 'bloodmnist,pathmnist', '--items', '2', '--k', '2'],
  ...['--mode', 'direct', '--no-nulls'],
];

test(
  'two shards are asked and merged: the file of the whole run, which the page opens',
  LONG,
  async ({ page, app }) => {
    test.setTimeout(240_000);
    const file = (name: string): string => test.info().outputPath(`${name}.jsonl`);
    const evaluate = (name: string, ...more: readonly string[]): string =>
      run('evaluate', ...PLAN, ...more, '--out', file(name));
    expect(evaluate('first', '--shard', '1/2')).toContain('2 of 2 records');
    expect(evaluate('second', '--shard', '2/2')).toContain('2 of 2 records');
    evaluate('whole');

    const part = run('merge', '--out', file('part'), file('second'));
    expect(part).toContain('2 of 4 records');
    expect(part).toContain('Missing: 2 of 2 records of shard 1/2.');
    const merged = run(
      'merge',
      '--out',
      file('merged'),
      file('part'),
      file('first'),
      file('second'),
    );
    expect(merged).toContain('4 of 4 records');
    expect(timelessText(readFileSync(file('merged'), 'utf8'))).toBe(
      timelessText(readFileSync(file('whole'), 'utf8')),
    );
    expect(() => run('merge', '--out', file('merged'), file('first'))).toThrow('is there already');
    expect(existsSync(`${file('merged')}.part`)).toBe(false);

    await page.goto(`${app.url}#/evaluate?device=wasm`);
    await page.getByTestId('import-run').setInputFiles(file('merged'));
    await expect(page.getByTestId('import-report')).toContainText('4 records were added');
    await page.getByTestId('import-run').setInputFiles(file('second'));
    await expect(page.getByTestId('import-report')).toContainText('2 records were added');
    const shard = page.getByTestId('stored-run').filter({ hasText: 'shard 2 of 2' });
    await expect(shard).toHaveAttribute('data-done', '2');
    await expect(shard).toHaveAttribute('data-total', '2');
    await expect(page.getByTestId('shard-note')).toContainText('answers 2 of its 4 items');
    await expect(page.getByTestId('evaluate-status')).toHaveAttribute('data-state', 'done');
    await expect(page.getByTestId('set-results').locator('h2')).toContainText('shard 2 of 2');
  },
);

test('the address asks for a shard; the plan says so, says what is wrong, and asks all again', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/evaluate?device=wasm&shard=2/16`);
  const line = page.getByTestId('evaluate-shard');
  const cost = page.getByTestId('evaluate-cost');
  await expect(line).toContainText('shard 2 of 16: 4 of the 60 items');
  await expect(cost).toHaveAttribute('data-items', '4');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByTestId('open-plan').click();
  await expect(line).toBeVisible();
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.goto(`${app.url}#/evaluate?device=wasm&shard=17/16`);
  await expect(line.getByRole('alert')).toContainText('“17/16” is no shard');
  await expect(page.getByTestId('evaluate-start')).toBeDisabled();
  await page.getByTestId('evaluate-shard-all').click();
  await expect(line).toHaveCount(0);
  await expect(cost).toHaveAttribute('data-items', '60');
  await expect(page.getByTestId('evaluate-start')).toBeEnabled();
  await expect(page).toHaveURL(/#\/evaluate\?device=wasm$/u);
});
