/** Images that Python and the tests both compute. */

import type { RgbImage } from '../../src/core/types.ts';

export type Pattern = 'noise' | 'binary' | 'waves';

/** The same formulas as `pattern` in recipes/fixtures/resize.py. */
export function pattern(kind: Pattern, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  let state = 12345;
  for (let i = 0; i < data.length; i++) {
    const channel = i % 3;
    const x = Math.floor(i / 3) % width;
    const y = Math.floor(i / 3 / width);
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const wave = Math.floor((x * x * (channel + 1) + y * 3 * (3 - channel) + x * y) / 16) % 256;
    const byte = state >>> 24;
    data[i] = kind === 'waves' ? wave : kind === 'noise' ? byte : byte >= 128 ? 255 : 0;
  }
  return { width, height, data };
}
