/** The four kinds of question: chosen in the editor, run, in the address, in an imported run. */

import { countsOf, expect, longUnless, openDirect, test, total, waitForState } from './app.ts';

const QUESTION = 'Which blood cell is shown in this microscope image?';

for (const { kind, asks, options } of [
  { kind: 'yes-no', asks: /^Which blood cell .*\? Is it: [a-z ]+\?$/, options: 2 },
  { kind: 'not', asks: `${QUESTION} Choose one that it is not.`, options: 4 },
  { kind: 'free-form', asks: QUESTION, options: 0 },
] as const) {
  const details = longUnless(kind === 'yes-no');
  test(
    `${kind}: asks about the chosen image anew, stands in the address, and runs`,
    details,
    async ({ page, app }) => {
      await openDirect(page, app.url, '&run=1');
      await waitForState(page, 'done');
      await page.getByLabel('Kind of question').selectOption(kind);
      await waitForState(page, 'idle');
      await expect(page.getByTestId('empty-result')).toContainText('Run draws K answers');
      await expect(page).toHaveURL(new RegExp(`index=12&.*kind=${kind}`));
      const text = page.getByTestId('question-editor').locator('textarea').first();
      await expect(text).toHaveValue(asks);
      await expect(page.getByRole('textbox', { name: /^Option [A-Z]$/ })).toHaveCount(options);
      const address = page.url();

      await page.getByTestId('run').click();
      await waitForState(page, 'done');
      const counts = await countsOf(page);
      expect(total(counts)).toBe(16);

      // the address alone gives the same question and the same answers
      await page.goto('about:blank');
      await page.goto(`${address}&run=1`);
      await waitForState(page, 'done');
      await expect(text).toHaveValue(asks);
      await expect(page.getByLabel('Kind of question')).toHaveValue(kind);
      expect(await countsOf(page)).toEqual(counts);
    },
  );
}

test('which is it not: all but the truth are right, and guessing is counted so', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url, '&kind=not&run=1');
  await waitForState(page, 'done');
  await expect(page.getByRole('checkbox', { name: /is right/, checked: true })).toHaveCount(3);
  const right = page.getByTestId('answer-row').and(page.locator('[data-correct="true"]'));
  await expect(right).toHaveCount(3);
  const verdict = page.getByTestId('support-verdict');
  await expect(verdict).toContainText('any option but platelet');
  await expect(verdict).toContainText('guessing alone gives 0.75 per answer');
  await expect(page.getByTestId('answer-bars')).toContainText('guessing 0.25 each');
  // 1 − (1/4)^k at k = 1, 2, 4 …
  await page.getByRole('button', { name: 'Show Pass@k as a table' }).click();
  const table = page.getByRole('table', { name: /^Pass@k/ });
  await expect(table).toContainText('0.75');
  await expect(table).toContainText('0.94');
});

test('yes or no: guessing is right half of the time', async ({ page, app }) => {
  await openDirect(page, app.url, '&kind=yes-no&run=1');
  await waitForState(page, 'done');
  await expect(page.getByTestId('support-verdict')).toContainText(
    'guessing alone gives 0.50 per answer',
  );
  await expect(page.getByTestId('answer-bars')).toContainText('guessing 0.50');
});

test('an edited question stays until the kind or the image is another one', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url, '&kind=not');
  const text = page.getByTestId('question-editor').locator('textarea').first();
  await text.fill('Which one is it surely not?');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(text).toHaveValue('Which one is it surely not?');
  await expect(page.getByLabel('Kind of question')).toHaveValue('not');
  await page.getByLabel('Kind of question').selectOption('options');
  await expect(text).toHaveValue(QUESTION);
  await text.fill('And now?');
  await page.getByTestId('gallery-item').nth(3).click();
  await expect(text).toHaveValue(QUESTION);
});

test('a recorded run brings its kind along, and another kind asks about its image', async ({
  page,
  app,
}, info) => {
  await page.goto(app.url);
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
  await page.getByLabel('Kind of question').selectOption('yes-no');
  await expect(page).toHaveURL(/index=332&.*kind=yes-no/);
  const text = page.getByTestId('question-editor').locator('textarea').first();
  await expect(text).toHaveValue(/Is it: /);

  await openDirect(page, app.url, '&kind=not&run=1');
  await waitForState(page, 'done');
  const download = page.waitForEvent('download');
  await page.getByTestId('export-jsonl').click();
  const file = info.outputPath('run.jsonl');
  await (await download).saveAs(file);
  await page.goto(app.url);
  await expect(page.getByTestId('support-verdict')).toContainText('recorded run');
  await page.locator('input[accept*="jsonl"]').setInputFiles(file);
  await expect(page.getByText(/1 item imported/)).toBeVisible();
  await expect(page.getByLabel('Kind of question')).toHaveValue('not');
});

test('an image of one’s own takes the shape of a kind, without a right answer', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url);
  await page.locator('input[accept*="image/png"]').setInputFiles('public/samples/bloodmnist.png');
  const notice = page.getByText('brings no question along');
  await expect(notice).toContainText('only the words of the six MedMNIST sets');
  const text = page.getByTestId('question-editor').getByRole('textbox', { name: 'Question' });
  // Nothing of the question before, and no error before anybody typed or tried.
  await expect(text).toHaveValue('');
  await expect(page.getByTestId('question-editor').getByRole('alert')).toHaveCount(0);
  await expect(page.getByText('Option A is empty.')).toHaveCount(0);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Option A is empty.')).toBeVisible();
  const options = page.getByRole('textbox', { name: /^Option [A-Z]$/ });
  const texts = () =>
    options.evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
  await text.fill('What is it?');
  await options.nth(0).fill('lymphocyte');
  await options.nth(1).fill('cyst');
  const own = await texts();
  expect(own).toEqual(['lymphocyte', 'cyst']);
  const kind = page.getByLabel('Kind of question');
  await kind.selectOption('yes-no');
  expect(await texts()).toEqual(['yes', 'no']);
  await kind.selectOption('free-form');
  await expect(page.getByLabel('Right answer, if known')).toHaveValue('');
  await kind.selectOption('not');
  expect(await texts()).toEqual(own);
  await expect(page.getByRole('checkbox', { name: /is right/, checked: true })).toHaveCount(0);
  await expect(notice).toBeVisible();
  await page.getByTitle('Mark option A as right').click();
  await expect(notice).toHaveCount(0);
});
