/** Unloading a checkpoint gives its memory back: five times loaded, run and unloaded, the page's is flat. */

import type { Page } from '@playwright/test';
import { countsOf, expect, LONG, test, total, waitForState } from './app.ts';

const CYCLES = 5;
const ASK =
  '#/explore?dataset=bloodmnist&index=12&checkpoint=tiny-sft&k=8&t=1&p=1&mode=direct&device=wasm&nulls=0&seed=';

interface Memory {
  /** Of the page and its workers, wasm included. */
  readonly bytes: number;
  readonly workers: number;
}

/** Chromium gives it at its next collection of garbage: up to half a minute. */
const memory = (page: Page): Promise<Memory> =>
  page.evaluate(async () => {
    const measured = await (
      performance as Performance & {
        measureUserAgentSpecificMemory: () => Promise<{
          bytes: number;
          breakdown: { bytes: number; attribution: { scope: string }[] }[];
        }>;
      }
    ).measureUserAgentSpecificMemory();
    const workers = measured.breakdown.filter(
      ({ bytes, attribution }) =>
        bytes > 0 && attribution.some(({ scope }) => scope === 'DedicatedWorkerGlobalScope'),
    );
    return { bytes: measured.bytes, workers: workers.length };
  });

// Minutes of waiting for collections of garbage.
test(
  `${String(CYCLES)} times loaded, run and unloaded: the memory is given back`,
  LONG,
  async ({ page, app }) => {
    const row = page.locator('[data-testid="model-row"][data-checkpoint="tiny-sft"]');
    test.setTimeout(300_000);
    let loaded: Memory | null = null;
    const unloaded: Memory[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      // Another seed each time: another run.
      await page.goto(`${app.url}${ASK}${String(cycle)}`);
      await page.getByTestId('run').click();
      await waitForState(page, 'done');
      expect(total(await countsOf(page))).toBe(8);
      await page.goto(`${app.url}#/models`);
      await expect(row).toHaveAttribute('data-state', 'ready');
      loaded ??= await memory(page);
      await row.getByRole('button', { name: 'Unload' }).click();
      await expect(row).toHaveAttribute('data-state', 'absent');
      if (cycle === 0 || cycle === CYCLES - 1) unloaded.push(await memory(page));
    }
    const [first, last] = unloaded;
    if (!loaded || !first || !last) throw new Error('Nothing was measured.');
    const mebibytes = ({ bytes }: Memory): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    console.info(
      `loaded ${mebibytes(loaded)}; unloaded once ${mebibytes(first)}, ${String(CYCLES)} times ${mebibytes(last)}`,
    );
    // A loaded checkpoint takes tens of megabytes; a tenth of one is what records and garbage may take.
    const one = loaded.bytes - first.bytes;
    expect(one).toBeGreaterThan(20 * 2 ** 20);
    expect(last.bytes - first.bytes).toBeLessThan(one / 10);
    expect(last.workers).toBe(first.workers);
    expect(loaded.workers).toBe(first.workers + 1);
  },
);
