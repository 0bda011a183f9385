/** A medical VQA file with its images, and a split of a `.npz`: opened, named, run, graded, kept. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { countsOf, expect, test, total, violations } from './app.ts';
import { images, labels, npz } from './npz.ts';

const PLAN = 'evaluate-plan';
const status = (page: Page) => page.getByTestId('evaluate-status');
const row = (page: Page, item: string) =>
  page.locator(`[data-testid="item-row"][data-item="${item}"]`);

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

/** An RGB image of one colour, as wide as its shade says. */
function png(shade: number): Buffer {
  const [width, height] = [20 + shade, 16];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const line = Buffer.concat([Buffer.alloc(1), Buffer.alloc(3 * width, 40 * shade)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

const line = (index: number, change: object): string =>
  JSON.stringify({
    dataset_name: 'SLAKE',
    dataset_index: index,
    image_paths: [`set/images/SLAKE_${String(index)}_0.png`],
    question: 'Which organ is shown?',
    options_dict: null,
    options: null,
    answer_label: null,
    answer: null,
    ...change,
  });
const YES_NO = { question: 'Is this a kidney?', options: ['yes', 'no'], answer: 'No' };
const CHOICE = {
  options_dict: { A: 'liver', B: 'kidney', C: 'spleen' },
  options: ['liver', 'kidney', 'spleen'],
  answer_label: 'B',
  answer: 'kidney',
};

/** Five items about five images, a broken line and a missing image, as the released export lays them. */
function writeSet(): { readonly folder: string; readonly file: string } {
  const folder = test.info().outputPath('renamed');
  mkdirSync(join(folder, 'images'), { recursive: true });
  for (const index of [0, 1, 2, 3, 4]) {
    writeFileSync(join(folder, 'images', `SLAKE_${String(index)}_0.png`), png(index));
  }
  const lines = [
    line(0, CHOICE),
    line(1, YES_NO),
    '{"dataset_name": "SLAKE", "question',
    line(2, { question: 'What is shown?', answer: 'Liver' }),
    line(9, CHOICE),
    line(3, CHOICE),
    line(4, YES_NO),
  ];
  const file = test.info().outputPath('data.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { folder, file };
}

/** K = 2, direct, one checkpoint; nothing of the sets that ship with the page. */
async function prepare(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/evaluate?device=wasm`);
  await expect(page.getByTestId('evaluate-set')).toHaveCount(6);
  for (const box of await page.getByTestId('evaluate-set').all()) await box.uncheck();
  await page.getByTestId(PLAN).getByLabel('K', { exact: true }).selectOption('2');
  await page.getByTestId(PLAN).getByText('Direct', { exact: true }).click();
}

async function runToTheEnd(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name of the run').fill(name);
  await page.getByTestId('evaluate-start').click();
  await expect(page.getByTestId('set-results').getByRole('heading', { level: 2 })).toHaveText(name);
  await expect(status(page)).toHaveAttribute('data-state', 'done', { timeout: 170_000 });
}

test('a VQA file: opened, its problems named, run, graded by a pattern, kept', async ({
  page,
  app,
}) => {
  const { folder, file } = writeSet();
  await prepare(page, app.url);
  const dropped = await page.evaluateHandle(() => {
    const drop = new DataTransfer();
    const text = '{"question": "What?", "image_paths": "a.png", "answer": "liver"}';
    drop.items.add(new File([text], 'dropped.jsonl'));
    return drop;
  });
  await page.getByTestId('evaluate-sets').dispatchEvent('drop', { dataTransfer: dropped });
  await expect(page.getByTestId('vqa-missing')).toContainText('Missing: a.png.');
  await page.getByTestId('vqa-close').click();
  await expect(page.getByTestId('vqa-file')).toHaveCount(0);

  await page.getByTestId('evaluate-files').setInputFiles(file);
  const opened = page.getByTestId('vqa-file');
  await expect(opened).toHaveAttribute('data-items', '6');
  await expect(page.getByTestId('vqa-missing')).toContainText('set/images/SLAKE_0_0.png');
  await expect(page.getByTestId('vqa-missing')).toContainText('and 3 more');
  await expect(page.getByTestId('evaluate-start')).toBeDisabled();
  expect(await violations(page)).toEqual([]);

  await page.getByTestId('evaluate-folder').setInputFiles(folder);
  await expect(opened).toHaveAttribute('data-images', '5');
  await expect(page.getByTestId('vqa-missing')).toHaveCount(0);
  const problems = page.getByTestId('vqa-problem');
  await expect(problems).toHaveText([
    'Line 3: This line is not valid JSON.',
    'Line 5: The image set/images/SLAKE_9_0.png is not in the folder.',
  ]);
  await expect(page.getByTestId('evaluate-set').last()).toBeChecked();
  await expect(page.getByTestId('evaluate-asker')).toContainText('questions come with the file');
  // K and the second seed, and four wrong images of four each.
  await expect(page.getByTestId('evaluate-cost')).toHaveAttribute('data-samples', String(5 * 20));

  await page.getByTestId('vqa-grading').selectOption('pattern');
  await page.getByTestId('vqa-pattern').fill('(');
  await expect(opened.getByRole('alert')).toHaveText('The pattern is no regular expression.');
  await expect(page.getByTestId('evaluate-start')).toBeDisabled();
  await page.getByTestId('vqa-grading').selectOption('synonyms');
  await expect(opened.getByRole('alert')).toContainText('at least one line');
  await page.getByTestId('vqa-synonyms').fill('liver = hepatic tissue');
  await expect(opened).toContainText('1 of 1 answer of the file');
  expect(await violations(page)).toEqual([]);

  await page.getByTestId('vqa-grading').selectOption('normalized');
  await runToTheEnd(page, 'by its words');
  await expect(page.getByTestId('item-row')).toHaveCount(5);
  const figure = page.locator('[data-testid="figure"][data-metric="accuracyAt1"]').first();
  await expect(figure).toHaveAttribute('data-value', /^(0|0\.2|0\.4|0\.6|0\.8|1)$/);
  await expect(page.locator('[data-metric="pBlind"]').first()).not.toHaveAttribute(
    'data-value',
    '',
  );
  await expect(row(page, 'SLAKE/0')).toContainText('SLAKE 0 Which organ is shown?');
  await expect(row(page, 'SLAKE/1')).toContainText('truth no');
  await expect(row(page, 'SLAKE/2')).toContainText('0/2');

  // Whatever is said without options is right by this pattern.
  await page.getByTestId('vqa-grading').selectOption('pattern');
  await page.getByTestId('vqa-pattern').fill('^{answer}$|^.+$');
  await runToTheEnd(page, 'by a pattern');
  await expect(row(page, 'SLAKE/2')).toContainText(/[12]\/2/);
  const graded = await row(page, 'SLAKE/2').locator('.count').textContent();

  await page.reload();
  await expect(status(page)).toHaveAttribute('data-state', 'done');
  await expect(page.getByTestId('stored-run')).toHaveCount(2);
  await expect(row(page, 'SLAKE/2').locator('.count')).toHaveText(graded ?? '');
  expect(await violations(page)).toEqual([]);

  await row(page, 'SLAKE/2').getByTestId('open-in-explore').click();
  await expect(page.getByTestId('support-verdict')).toContainText('stored run');
  await expect(page.getByTestId('image-panel')).toContainText('SLAKE · 2 · 22×16');
  expect(total(await countsOf(page, 'tiny-sft'))).toBe(2);
  await expect(page.getByTestId('stale')).toHaveCount(0);
  await expect(page.getByTestId('question-editor')).toContainText('what matches ^liver$|^.+$');
  const saving = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const saved = readFileSync(await (await saving).path(), 'utf8');
  expect(saved).toContain('"grading":{"by":"pattern","source":"^liver$|^.+$"}');
});

test('of a .npz the validation images, beside its test images, and only one of them is chosen', async ({
  page,
  app,
}) => {
  await prepare(page, app.url);
  const give = () =>
    page.getByTestId('evaluate-files').setInputFiles({
      name: 'pneumoniamnist.npz',
      mimeType: '',
      buffer: npz({
        'val_images.npy': images(6),
        'val_labels.npy': labels(6),
        'test_images.npy': images(7),
        'test_labels.npy': labels(7),
      }),
    });
  await give();
  await expect(page.getByText(/7 test images joined/)).toBeVisible();
  await page.getByTestId('evaluate-split').selectOption('val');
  await give();
  await expect(page.getByText(/6 validation images joined/)).toBeVisible();
  const set = (id: string) => page.locator(`[data-testid="evaluate-set"][data-set="${id}"]`);
  await expect(set('file/pneumoniamnist.npz')).not.toBeChecked();
  await expect(set('file/pneumoniamnist.npz/val')).toBeChecked();
  await page.getByLabel('items of each set').fill('2');
  await page.getByTestId(PLAN).getByTestId('nulls').uncheck();
  await runToTheEnd(page, 'validation');
  const rows = page.getByTestId('item-row');
  await expect(rows).toHaveCount(2);
  for (const one of await rows.all()) {
    await expect(one).toHaveAttribute('data-item', /^pneumoniamnist\/val\/[0-5]$/);
    await expect(one).toContainText(/PneumoniaMNIST validation [0-5]/);
  }
});
