/** A run of a server, opened from its file: Explore says what the server did not, and gives no number for it. */

import type { Page } from '@playwright/test';
import { OpenAiServer } from '../support/openai-server.ts';
import type { ServerProfile } from '../support/openai-profile.ts';
import { servedFile, servedRecord } from '../support/served-run.ts';
import type { PromptMode } from '../../src/core/types.ts';
import { expect, overflow, test, violations } from './app.ts';

async function openRun(
  page: Page,
  url: string,
  profile: Partial<ServerProfile>,
  mode: PromptMode,
): Promise<void> {
  const server = await OpenAiServer.start();
  const text = servedFile(await servedRecord(server, profile, mode));
  await server.stop();
  await page.goto(`${url}#/explore`);
  await page
    .locator('input[accept*="jsonl"]')
    .setInputFiles({ name: 'run.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(text) });
  await expect(page.getByTestId('sample-row').first()).toBeVisible();
}

test('without log-probabilities every panel says so with the reason', async ({ page, app }) => {
  await openRun(page, app.url, { logprobs: 'refuses', n: 'refuses' }, 'think');
  await expect(page.getByTestId('samples-unstated')).toHaveText(
    'Tokens and log p not stated by the server. The server states no tokens and no log-probabilities.',
  );
  const row = page.getByTestId('sample-row').first();
  await expect(row).toContainText('tokens and log p not stated by the server');
  await expect(row).not.toContainText('log p 0');
  await expect(page.getByTestId('estimate-missing')).toContainText('lists no alternatives');
  await expect(page.getByTestId('reweight-unavailable')).toContainText('does not keep the logits');
  await expect(page.getByTestId('exact-reason')).toContainText('of a file');
  await expect(page.locator('figcaption', { hasText: 'steps are words' })).toBeVisible();
  await page.getByTestId('answer-river').locator('[data-mark]').nth(1).focus();
  await expect(page.locator('.lines').first()).toContainText(
    'tokens and log p not stated by the server',
  );
  expect(await overflow(page)).toBe(0);
  expect(await violations(page)).toEqual([]);
});

test('with listed alternatives the traces vote with their letters', async ({ page, app }) => {
  await openRun(page, app.url, {}, 'think');
  await expect(page.getByTestId('estimate-row')).toContainText('samples vote with their trace');
  // At T = 0.7 with top-p 0.9 vLLM's log-probabilities are not those that were drawn from.
  await expect(page.getByTestId('samples-unstated')).toContainText(
    'Log p not stated by the server. The server gives log-probabilities of the model before temperature and filters.',
  );
});
