/** Bad files and bad values: a clear message where it happened, and nothing on the page is lost. */

import type { Page } from '@playwright/test';
import { deflateSync } from 'node:zlib';
import { countsOf, expect, openDirect, openHome, test, total, waitForState } from './app.ts';
import { images, labels, npy, npz } from './npz.ts';

const filePicker = 'input[accept*="image/png"]';
const runPicker = 'input[accept*="jsonl"]';

/** A PNG whose header says how large it is; its pixels are missing. */
function pngHeader(width: number, height: number): Buffer {
  const header = Buffer.alloc(33);
  header.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2], 24);
  return Buffer.concat([header, deflateSync(Buffer.alloc(64))]);
}

const give = (page: Page, picker: string, name: string, buffer: Buffer) =>
  page.locator(picker).setInputFiles({ name, mimeType: '', buffer });

test.describe('images', () => {
  const cases: readonly (readonly [string, string, Buffer, RegExp])[] = [
    ['a text named .png', 'note.png', Buffer.from('hello'), /note\.png is not an image/],
    ['an empty file', 'empty.png', Buffer.alloc(0), /empty \(0 bytes\)/],
    ['a truncated image', 'cut.png', pngHeader(28, 28), /cut\.png is damaged or cut short/],
    ['an image 20,000 px wide', 'wide.png', pngHeader(20_000, 10), /20000 × 10 px/],
  ];
  for (const [title, name, buffer, message] of cases) {
    test(title, async ({ page, app }) => {
      await openHome(page, app.url);
      const before = await countsOf(page);
      const address = page.url();
      await give(page, filePicker, name, buffer);
      await expect(page.getByRole('alert').filter({ hasText: message })).toBeVisible();
      expect(await countsOf(page)).toEqual(before);
      expect(page.url()).toBe(address);
    });
  }
});

test.describe('npz', () => {
  const bomb = () => npy('|u1', '(1, 28, 28)', new Uint8Array(100_000_000));
  const cases: readonly (readonly [string, () => Buffer, RegExp])[] = [
    ['no zip', () => Buffer.from('PK nothing'), /zip/i],
    ['a missing key', () => npz({ 'test_images.npy': images(2) }), /test_labels/],
    [
      'a wrong dtype',
      () =>
        npz({
          'test_images.npy': npy('<f4', '(1, 28, 28)', new Uint8Array(784 * 4)),
          'test_labels.npy': labels(1),
        }),
      /test_images.*(<f4|float|uint8)/,
    ],
    [
      'pickled objects',
      () =>
        npz({
          'test_images.npy': npy('|O', '(1,)', new Uint8Array(20)),
          'test_labels.npy': labels(1),
        }),
      /test_images.*(pickle|object)/i,
    ],
    [
      'a zip bomb',
      () => npz({ 'test_images.npy': bomb(), 'test_labels.npy': labels(1) }),
      /test_images/,
    ],
    [
      'a truncated file',
      () => npz({ 'test_images.npy': images(9), 'test_labels.npy': labels(9) }).subarray(0, 200),
      /./,
    ],
  ];
  for (const [title, make, message] of cases) {
    test(title, async ({ page, app }) => {
      await openHome(page, app.url);
      const before = await countsOf(page);
      await give(page, filePicker, 'pneumoniamnist.npz', make());
      await expect(page.getByRole('alert').filter({ hasText: message })).toBeVisible();
      expect(await countsOf(page)).toEqual(before);
    });
  }

  test('a good file joins the gallery, and its images can be asked about', async ({
    page,
    app,
  }) => {
    await openDirect(page, app.url);
    const file = npz({ 'test_images.npy': images(7), 'test_labels.npy': labels(7) });
    await give(page, filePicker, 'pneumoniamnist_224 (1).npz', file);
    await expect(page.getByText(/7 test images joined the gallery/)).toBeVisible();
    await expect(page.getByTestId('gallery-item')).toHaveCount(7);
    await page.getByTestId('gallery-item').nth(3).click();
    await page.getByTestId('run').click();
    await waitForState(page, 'done');
    expect(total(await countsOf(page))).toBe(16);
  });

  test('a file that may be several sets asks which', async ({ page, app }) => {
    await page.goto(app.url);
    const file = npz({ 'test_images.npy': images(5), 'test_labels.npy': labels(5) });
    await give(page, filePicker, 'unknown.npz', file);
    await expect(page.getByText('Which set is unknown.npz?')).toBeVisible();
    await page.getByRole('button', { name: 'breastmnist' }).click();
    await expect(page.getByText(/5 test images joined the gallery/)).toBeVisible();
  });
});

test('an image of one’s own: pasted size, no truth, still a distribution', async ({
  page,
  app,
}) => {
  await openDirect(page, app.url);
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const context = canvas.getContext('2d');
    context?.fillRect(50, 50, 100, 80);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  await give(page, filePicker, 'mine.png', Buffer.from(png));
  await expect(page.getByText('mine.png').first()).toBeVisible();
  const editor = page.getByTestId('question-editor');
  await editor.getByRole('textbox', { name: 'Question' }).fill('What is it?');
  await editor.getByRole('textbox', { name: 'Option A' }).fill('a square');
  await editor.getByRole('textbox', { name: 'Option B' }).fill('a circle');
  await page.getByTestId('run').click();
  await waitForState(page, 'done');
  await expect(page.getByTestId('support-verdict')).toContainText('No truth is marked');
});

test.describe('run files', () => {
  test('no run file at all', async ({ page, app }) => {
    await openHome(page, app.url);
    const before = await countsOf(page);
    await give(page, runPicker, 'x.jsonl', Buffer.from('{"hello": 1}\n'));
    await expect(page.getByText('The run file was not read')).toBeVisible();
    expect(await countsOf(page)).toEqual(before);
  });

  test('a broken line is named with number and reason; model text stays text', async ({
    page,
    app,
  }) => {
    const recorded = await (await page.request.get(`${app.url}runs/first.jsonl`)).text();
    const [header = '', item = ''] = recorded.trim().split('\n');
    const parsed = JSON.parse(item) as { samples: { text: string; tokenTexts: string[] }[] };
    const evil = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const [first] = parsed.samples;
    if (!first) throw new Error('The recorded run has no sample.');
    first.tokenTexts[0] = evil + (first.tokenTexts[0] ?? '');
    first.text = first.tokenTexts.join('');
    await page.goto(app.url);
    const file = [header, JSON.stringify(parsed), '{"type": "item", "broken'].join('\n');
    await give(page, runPicker, 'mixed.jsonl', Buffer.from(file));
    await expect(page.getByText(/1 item imported, 1 broken line left out/)).toBeVisible();
    await expect(page.getByText(/Line 3/)).toBeVisible();
    await expect(page.getByText('onerror="window.hacked=1"').first()).toBeVisible();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
  });
});

test.describe('knobs and questions', () => {
  const knobs: readonly (readonly [string, string, RegExp])[] = [
    ['temperature', '-1', /temperature must be a number from 0/],
    ['top-p', '0', /Top-p must be a number above 0/],
    ['top-k', '1.5', /Top-k must be a whole number/],
    ['min-p', '1', /Min-p must be a number/],
    ['max tokens', '0', /token limit must be a whole number/],
    ['seed', '', /seed must be a whole number/],
  ];
  for (const [label, value, message] of knobs) {
    test(`${label} = ${value === '' ? 'nothing' : value}`, async ({ page, app }) => {
      await openDirect(page, app.url);
      const field = page.getByLabel(label, { exact: true });
      await field.fill(value);
      await field.blur();
      await expect(page.getByText(message).first()).toBeVisible();
      await expect(page.getByTestId('run')).toBeDisabled();
    });
  }

  test('K out of range comes from an address only, and is refused', async ({ page, app }) => {
    await page.goto(`${app.url}#/explore?dataset=bloodmnist&index=12&k=5000&run=1`);
    await expect(page.getByText(/K must be a whole number from 1 to 1024/).first()).toBeVisible();
    await expect(page.getByTestId('run')).toBeDisabled();
  });

  test('two equal options, an empty option', async ({ page, app }) => {
    await openDirect(page, app.url);
    const options = page.getByRole('textbox', { name: /option/i });
    const second = await options.nth(1).inputValue();
    await options.nth(0).fill(second);
    await expect(page.getByText(/same|equal|twice/i).first()).toBeVisible();
    await expect(page.getByTestId('run')).toBeDisabled();
    await options.nth(0).fill('');
    await expect(page.getByTestId('run')).toBeDisabled();
    await options.nth(0).fill('something else');
    await expect(page.getByTestId('run')).toBeEnabled();
  });

  test('an address to an image that is not here says so', async ({ page, app }) => {
    await page.goto(`${app.url}#/explore?dataset=bloodmnist&index=99999`);
    await expect(page.getByText(/bloodmnist\/99999, which is not in the gallery/)).toBeVisible();
  });
});
