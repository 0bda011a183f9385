/** Prompts and pixels equal Python's for this checkpoint, to the token and to float rounding. */

import { expect, test } from 'vitest';
import { buildPrompt } from '../../src/data/prompts.ts';
import { imageProcessorFor } from '../../workers/vlm/image-processors.ts';
import type { PixelConfig } from '../../workers/vlm/preprocess.ts';
import { loadTinySft } from '../support/engine.ts';
import { processedImages, storedItems } from '../support/fixtures.ts';

test.each(processedImages)('pixels of $name', async ({ image, pixelValues }) => {
  const response = await fetch('/models/tiny-sft/preprocessor_config.json');
  const preprocessorConfig = (await response.json()) as PixelConfig;
  const { pixels } = imageProcessorFor(preprocessorConfig)(image, preprocessorConfig);
  expect(pixels).toHaveLength(pixelValues.length);
  const largest = pixels.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (pixelValues[i] ?? NaN))),
    0,
  );
  // One grey level is 2/255 after normalisation.
  expect(largest).toBeLessThanOrEqual(2 / 255 + 1e-6);
});

test('the prompts of 20 stored items are Python’s, to the token', async () => {
  const { engine } = await loadTinySft();
  for (const item of storedItems) {
    expect(buildPrompt(item.question, item.mode, null).text).toBe(item.userPrompt);
    const inputs = await engine.promptInputs(item.image, item.userPrompt);
    expect(Array.from(inputs['input_ids']?.data as BigInt64Array, Number)).toEqual(item.promptIds);
  }
  await engine.dispose();
});

test('any text tokenizes and comes back', async () => {
  const { engine } = await loadTinySft();
  for (const text of ['Größe 5 µm?', '日本語 🙂', '<b>html</b> & "quotes"', 'a\n\n  b\t']) {
    const item = storedItems[0];
    if (!item) throw new Error('no stored item');
    const inputs = await engine.promptInputs(item.image, text);
    const ids = Array.from(inputs['input_ids']?.data as BigInt64Array, Number);
    expect(engine.decode(ids)).toContain(text);
  }
  await engine.dispose();
});
