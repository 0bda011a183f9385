/** Compare and Recipe in a browser that has stored no run. */

import { expect, test, violations } from './app.ts';

for (const [screen, title] of [
  ['compare', 'Compare'],
  ['recipe', 'Recipe'],
] as const) {
  test(`${title} without a run says what to do and leads there`, async ({ page, app }) => {
    await page.goto(`${app.url}#/${screen}?side=gone:tiny-sft&side=gone:tiny-rl&run=gone&tau=0.55`);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    const empty = page.getByTestId(`${screen}-empty`);
    await expect(empty).toContainText('There is no stored run yet');
    // What is not stored here is forgotten; the thresholds are kept.
    await expect(page).toHaveURL(
      screen === 'compare' ? /#\/compare$/ : /#\/recipe\?tau=0\.55&delta=0\.05$/,
    );
    expect(await violations(page)).toEqual([]);
    await empty.getByRole('link').click();
    await expect(page.getByTestId('evaluate-start')).toBeVisible();
  });
}
