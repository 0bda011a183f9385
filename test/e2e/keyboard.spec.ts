/** The main job from image to file, and every way through its result, without a mouse. */

import type { Locator, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { countsOf, expect, LONG, openDirect, test, total, waitForState } from './app.ts';

/** Presses Tab until it is reached: what has no place in that order cannot be used without a mouse. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  const handle = await target.first().elementHandle();
  for (let presses = 0; presses < 120; presses += 1) {
    if (await handle?.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error('Tab does not get there.');
}

/** Something of what has the focus is drawn for it: an outline, or the frame of a mark in a chart. */
async function expectSeen(page: Page): Promise<void> {
  const seen = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element) return 'nothing has the focus';
    const inked = (one: Element) => {
      const { outlineStyle, outlineWidth, stroke } = getComputedStyle(one);
      const focus = getComputedStyle(document.documentElement).getPropertyValue('--focus');
      return (
        (outlineStyle !== 'none' && outlineWidth !== '0px') || (focus !== '' && stroke !== 'none')
      );
    };
    const box = element.getBoundingClientRect();
    const near = [element, ...element.querySelectorAll('.hit, .focus'), element.closest('label')];
    if (!near.some((one) => one && inked(one)))
      return `${element.outerHTML.slice(0, 90)} shows no focus`;
    return box.bottom > 0 && box.top < innerHeight ? '' : 'it is out of sight';
  });
  expect(seen).toBe('');
}

const focused = (page: Page) => page.locator(':focus');

test('image, question, checkpoint, K, Run, Stop, the result and its file, by keys alone', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url);
  await page.keyboard.press('Tab');
  await expectSeen(page);

  await tabTo(page, page.getByTestId('gallery-item').and(page.locator('[tabindex="0"]')));
  const before = await focused(page).getAttribute('data-item');
  await page.keyboard.press('ArrowRight');
  await expect(focused(page)).toHaveAttribute('aria-pressed', 'true');
  expect(await focused(page).getAttribute('data-item')).not.toBe(before);
  await expectSeen(page);

  await tabTo(page, page.getByRole('textbox', { name: /question/i }));
  await page.keyboard.press('End');
  await page.keyboard.type(' Which one?');
  // In a field it is a letter.
  await expect(page.getByTestId('shortcuts')).toHaveCount(0);

  await tabTo(page, page.getByRole('combobox', { name: 'K', exact: true }));
  await page.keyboard.type('1024');
  await expect(focused(page)).toHaveValue('1024');

  const chosen = page.getByTestId('checkpoint').and(page.locator('[aria-pressed="true"]'));
  await tabTo(page, page.getByTestId('checkpoint').and(page.locator('[aria-pressed="false"]')));
  await expectSeen(page);
  const two = (await chosen.count()) + 1;
  await page.keyboard.press('Space');
  await expect(chosen).toHaveCount(two);

  await page.keyboard.press('Control+Enter');
  await expect
    .poll(async () => total(await countsOf(page)), { timeout: 120_000, intervals: [50] })
    .toBeGreaterThan(0);
  await page.keyboard.press('Escape');
  await waitForState(page, 'stopped');
  expect(total(await countsOf(page))).toBeGreaterThan(0);

  await tabTo(page, page.getByTestId('answer-river').locator('[data-mark][tabindex="0"]'));
  await expectSeen(page);
  const mark = await focused(page).getAttribute('data-mark');
  await page.keyboard.press('ArrowRight');
  expect(await focused(page).getAttribute('data-mark')).not.toBe(mark);
  await expectSeen(page);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('sample-filter')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('sample-filter')).toHaveCount(0);

  await tabTo(page, page.getByTestId('answer-row').and(page.locator(':not([data-count="0"])')));
  await expectSeen(page);
  const count = await focused(page).getAttribute('data-count');
  await page.keyboard.press('Space');
  await expect(page.getByTestId('samples')).toContainText(`${count ?? ''} of `);

  await tabTo(page, page.getByRole('button', { name: 'Show Pass@k as a table' }));
  await expectSeen(page);
  await page.keyboard.press('Enter');
  const table = page.getByRole('table', { name: /^Pass@k/ });
  await expect(table.getByRole('rowheader').first()).toHaveText('1');
  await page.keyboard.press('Enter');
  await expect(table).toHaveCount(0);

  await tabTo(page, page.getByTestId('sample-row').locator('summary'));
  await expectSeen(page);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('sample-row').locator('details[open]')).toHaveCount(1);

  await tabTo(page, page.getByTestId('export-jsonl'), 'Shift+Tab');
  await expectSeen(page);
  const download = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  expect(lines[1]).toContain('Which one?');
});

test('? lists the keys beside the page; Escape closes it, stops no run and gives the focus back', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url, '&run=1');
  await waitForState(page, 'done');
  const run = page.getByTestId('run');
  await run.focus();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(list).toBeFocused();
  await expect(list).toContainText('Stop sampling');
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);
  await expect(run).toBeFocused();
});

test(
  'while samples come, at most one thing is said every few seconds',
  LONG,
  async ({ page, app }) => {
    await page.addInitScript(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const host = target instanceof Element ? target : target.parentElement;
          const region = host?.closest('[role="status"], [role="alert"], [aria-live="polite"]');
          if (region?.textContent) said.push(region.textContent.trim());
        }
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await openDirect(page, app.url, '&k=1024');
    const said = () =>
      page.evaluate(() => (window as unknown as { said: string[] }).said.splice(0));
    await said();
    const from = Date.now();
    await page.keyboard.press('Control+Enter');
    await waitForState(page, 'done');
    const seconds = (Date.now() - from) / 1000;
    // Beside what is said in between, each phase once: loading, sampling, nulls, done, and the verdict.
    expect((await said()).length).toBeLessThanOrEqual(8 + seconds / 2.5);
  },
);
