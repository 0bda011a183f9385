/**
 * The same on SwiftShader: what a graphics device computes of each architecture is PyTorch's. One image,
 * four rows. It takes half a minute each: two of them here, the others in `npm run test:long`. The
 * built-in family, an Idefics3, is in test/boundary/webgpu.browser.test.ts.
 */

import { expect, test } from 'vitest';
import {
  ARCHITECTURES,
  architectureFixture,
  errorAlong,
  loadArchitecture,
} from '../support/architectures.ts';

/** As on wasm. Cosines taken on the device would cost up to 1.4e-3 (docs/decisions/0018). */
const TOLERANCE = 1e-4;

const RELATIVES = import.meta.env['VITE_ALL_ARCHITECTURES']
  ? []
  : ['idefics3', 'smolvlm', 'qwen2_vl', 'qwen3_vl', 'llava_onevision'];

test.each(ARCHITECTURES.filter((name) => !RELATIVES.includes(name)))(
  '%s',
  { timeout: 400_000 },
  async (name) => {
    const { prompt, cases } = await architectureFixture(name);
    const { engine, gpu } = await loadArchitecture(name, 'webgpu');
    expect(gpu).not.toBeNull();
    const [, wide] = cases;
    if (!wide) throw new Error('too few cases');
    expect(await errorAlong(engine, prompt, wide, 4)).toBeLessThan(TOLERANCE);
    await engine.dispose();
    gpu?.device.destroy();
  },
);
