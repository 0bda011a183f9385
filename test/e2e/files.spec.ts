/** A run over sets as files: saved in four formats, deleted, brought back, added to, and what is refused. */

import type { Page } from '@playwright/test';
import { parquetReadObjects } from 'hyparquet';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, overflow, test, violations } from './app.ts';

type Format = 'jsonl' | 'parquet' | 'figures' | 'items';

const RECORDED = fileURLToPath(new URL('../../public/runs/first.jsonl', import.meta.url));

test.beforeEach(async ({ page }) => {
  // The save dialog is the browser's and needs a person: without it the page downloads.
  await page.addInitScript(() => {
    delete (window as { showSaveFilePicker?: unknown }).showSaveFilePicker;
  });
});

/** One set of two items, one checkpoint, K = 4, direct, with nulls. */
async function makeRun(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/evaluate?device=wasm`);
  const plan = page.getByTestId('evaluate-plan');
  await expect(page.getByTestId('evaluate-set')).toHaveCount(6);
  for (const box of await page.getByTestId('evaluate-set').all()) {
    await box.setChecked((await box.getAttribute('data-set')) === 'bloodmnist');
  }
  await page.getByLabel('items of each set').fill('2');
  await plan.getByLabel('K', { exact: true }).selectOption('4');
  await plan.getByText('Direct', { exact: true }).click();
  await page.getByLabel('Name of the run').fill('Blood, "two" items');
  await expect(page.getByTestId('evaluate-cost')).toHaveAttribute('data-records', '2');
  await page.getByTestId('evaluate-start').click();
  await expect(page.getByTestId('evaluate-status')).toHaveAttribute('data-state', 'done', {
    timeout: 120_000,
  });
}

async function save(page: Page, format: Format): Promise<{ name: string; bytes: Buffer }> {
  const button = page.getByTestId(`export-run-${format}`);
  await expect(button).toBeEnabled();
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  const bytes = await readFile(await download.path());
  const name = download.suggestedFilename();
  await expect(page.getByTestId('transfer-status')).toContainText(`Saved ${name}, `);
  return { name, bytes };
}

async function open(page: Page, name: string, text: string): Promise<void> {
  await page
    .getByTestId('import-run')
    .setInputFiles({ name, mimeType: 'application/jsonl', buffer: Buffer.from(text) });
}

async function deleteRun(page: Page): Promise<void> {
  await page.getByTestId('stored-run-delete').click();
  await page.getByTestId('stored-run-delete-confirm').click();
  await expect(page.getByTestId('stored-run')).toHaveCount(0);
}

/** Every figure with its interval, as the table has it. */
async function figuresOf(page: Page): Promise<readonly string[]> {
  await expect(page.getByTestId('export-run-figures')).toBeEnabled();
  return page
    .getByTestId('figure')
    .evaluateAll((cells) =>
      cells.map((cell) =>
        ['metric', 'value', 'lower', 'upper']
          .map((name) => cell.getAttribute(`data-${name}`) ?? '')
          .join(' '),
      ),
    );
}

const rowsOf = (csv: Buffer): string[] => csv.toString().trimEnd().split('\r\n');

test('saved in four formats, deleted, brought back the same, and never doubled', async ({
  page,
  app,
}) => {
  await makeRun(page, app.url);
  const figures = await figuresOf(page);
  expect(figures.length).toBeGreaterThan(10);

  const jsonl = await save(page, 'jsonl');
  expect(jsonl.name).toBe('blood-two-items.jsonl');
  const text = jsonl.bytes.toString();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({ type: 'run', formatVersion: 2, set: { done: 2, items: 2 } });
  const items = lines.filter(({ type }) => type === 'item');
  expect(items).toHaveLength(2);

  const parquet = await save(page, 'parquet');
  expect(parquet.name).toBe('blood-two-items.parquet');
  const samples = (await parquetReadObjects({ file: new Uint8Array(parquet.bytes).buffer })) as {
    draw: string;
    greedy: boolean;
    text: string;
  }[];
  // Greedy, K = 4, the second seed's 4, and 4 of each of four wrong images.
  expect(samples).toHaveLength(2 * (1 + 4 + 4 + 16));
  expect(
    samples.filter(({ draw, greedy }) => draw === 'own' && !greedy).map((row) => row.text),
  ).toEqual(
    items.flatMap(({ samples: own }) => (own as { text: string }[]).map((sample) => sample.text)),
  );

  const table = await save(page, 'figures');
  expect(table.name).toBe('blood-two-items-figures.csv');
  const [head, ...rows] = rowsOf(table.bytes);
  expect(head).toBe('checkpoint,scope,dataset,metric,k,threshold,value,lower,upper,n');
  // The set, all items and the mean of sets, each with the same figures.
  expect(rows.length % 3).toBe(0);
  expect(rows.length / 3).toBeGreaterThanOrEqual(figures.length);
  const accuracy = rows.find((row) => row.startsWith('tiny-sft,all items,,accuracyAt1,'));
  expect(figures).toContain(`accuracyAt1 ${(accuracy?.split(',') ?? []).slice(6, 9).join(' ')}`);

  const list = await save(page, 'items');
  expect(list.name).toBe('blood-two-items-items.csv');
  const [itemHead, ...itemRows] = rowsOf(list.bytes);
  expect(itemHead).toMatch(/^itemId,dataset,/u);
  expect(itemRows).toHaveLength(2);

  await deleteRun(page);
  await expect(page.getByTestId('set-results')).toHaveCount(0);
  await open(page, 'blood.jsonl', text);
  const report = page.getByTestId('import-report');
  await expect(report).toContainText('2 records were added');
  await expect(page.getByTestId('set-results')).toBeVisible();
  expect(await figuresOf(page)).toEqual(figures);
  expect((await save(page, 'jsonl')).bytes.equals(jsonl.bytes)).toBe(true);
  expect((await save(page, 'figures')).bytes.equals(table.bytes)).toBe(true);
  expect((await save(page, 'items')).bytes.equals(list.bytes)).toBe(true);

  await open(page, 'blood.jsonl', text);
  const question = page.getByTestId('import-question');
  await expect(question).toContainText('is here already');
  await expect(question).toContainText('2 of 2 records are here: the file has nothing to add');
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('import-leave').click();
  await expect(question).toHaveCount(0);
  await open(page, 'blood.jsonl', text);
  await page.getByTestId('import-open').click();
  await expect(question).toHaveCount(0);
  await open(page, 'blood.jsonl', text);
  await page.getByTestId('import-add').click();
  await expect(report).toContainText('Nothing was added');
  await expect(report).toContainText('2 records were known already.');
  expect((await save(page, 'jsonl')).bytes.equals(jsonl.bytes)).toBe(true);

  // A broken line in the middle: the others come in, and the whole file brings the rest.
  await deleteRun(page);
  const broken = lines.findIndex(({ type }) => type === 'item');
  const damaged = text
    .split('\n')
    .map((line, at) => (at === broken ? line.slice(0, 500) : line))
    .join('\n');
  await open(page, 'damaged.jsonl', damaged);
  await expect(report).toContainText('1 record was added');
  await expect(report).toContainText('1 of 2 records that the file names did not come in.');
  await expect(report).toContainText(`Line ${String(broken + 1)}: This line is not valid JSON.`);
  await expect(page.getByTestId('stored-run')).toHaveAttribute('data-done', '1');
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      expect(await violations(page), `${colorScheme} at ${String(width)} px`).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page, 'blood.jsonl', text);
  await expect(question).toContainText('1 of 2 records are here');
  await page.getByTestId('import-add').click();
  await expect(report).toContainText('1 record was added');
  await expect(report).toContainText('1 record was known already.');
  expect((await save(page, 'jsonl')).bytes.equals(jsonl.bytes)).toBe(true);
});

test('what is no run file, or too new, is named and changes nothing; a file of Explore is taken', async ({
  page,
  app,
}) => {
  await page.goto(`${app.url}#/evaluate`);
  await expect(page.getByTestId('stored-runs')).toContainText('None yet');
  const alert = page.getByTestId('stored-runs').getByRole('alert');
  const header = { type: 'run', format: 'supportlens-run', formatVersion: 99, runId: 'x' };
  for (const [name, text, message] of [
    ['list.txt', 'milk\nbread\n', 'This is not a run of Supportlens'],
    ['empty.jsonl', '', 'The run file is empty.'],
    ['newer.jsonl', `${JSON.stringify(header)}\n`, 'written in format 99'],
  ] as const) {
    await open(page, name, text);
    await expect(alert).toContainText(`${name} could not be imported`);
    await expect(alert).toContainText(message);
    await expect(page.getByTestId('stored-run')).toHaveCount(0);
  }
  expect(await violations(page)).toEqual([]);

  const recorded = (await readFile(RECORDED)).toString();
  const dropped = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], 'first run.jsonl'));
    transfer.items.add(new File(['more'], 'second.jsonl'));
    return transfer;
  }, recorded);
  await page.getByTestId('stored-runs').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.getByTestId('import-report')).toContainText('3 records were added');
  await expect(page.getByTestId('stored-runs')).toContainText(
    'Only first run.jsonl was taken: 1 other file was left alone.',
  );
  await expect(alert).toHaveCount(0);
  await expect(page.getByTestId('stored-run-open')).toHaveText('first run');
  await expect(page.getByTestId('set-results')).toBeVisible();
});

test('an export goes on when the screen is left; when its run is deleted it is named, and nothing else breaks', async ({
  page,
  app,
}) => {
  // A disk that takes nothing until it is told to.
  await page.addInitScript(() => {
    const disk = window as unknown as Record<string, unknown>;
    let told = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (told = resolve));
    disk['write'] = told;
    const stream = (): WritableStream => new WritableStream({ write: () => waiting });
    disk['showSaveFilePicker'] = () =>
      Promise.resolve({ name: 'chosen.jsonl', createWritable: () => Promise.resolve(stream()) });
  });
  await page.goto(`${app.url}#/evaluate`);
  await open(page, 'first.jsonl', (await readFile(RECORDED)).toString());
  await expect(page.getByTestId('set-results')).toBeVisible();
  const writing = page.getByText('Writing first.jsonl');
  const goTo = (screen: string) => page.getByTestId('nav').getByText(screen).click();
  const toldToWrite = () =>
    page.evaluate(() => {
      (window as unknown as { write: () => void }).write();
    });

  await page.getByTestId('export-run-jsonl').click();
  await expect(writing).toBeVisible();
  await expect(page.getByTestId('export-run-items')).toBeDisabled();
  await goTo('Explore');
  await expect(writing).toHaveCount(0);
  await goTo('Evaluate');
  await expect(writing).toBeVisible();
  await deleteRun(page);
  await expect(writing).toBeVisible();
  await toldToWrite();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('first.jsonl was not saved');
  await expect(alert).toContainText('The run was deleted in the meantime.');

  await open(page, 'first.jsonl', (await readFile(RECORDED)).toString());
  await expect(page.getByTestId('set-results')).toBeVisible();
  await page.getByTestId('export-run-jsonl').click();
  await expect(page.getByTestId('transfer-status')).toContainText('Saved chosen.jsonl, ');
  await expect(alert).toHaveCount(0);

  await page.reload();
  await expect(page.getByTestId('set-results')).toBeVisible();
  await page.getByTestId('export-run-jsonl').click();
  await page.getByTestId('transfer-cancel').click();
  await toldToWrite();
  await expect(page.getByTestId('transfer-status')).toHaveText(
    'Stopped: first.jsonl was not saved',
  );
});
