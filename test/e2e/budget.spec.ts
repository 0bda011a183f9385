/** What a first visit has to fetch before a checkpoint is chosen. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const MOST_BYTES = 150_000;

test('the first script and what it imports at once are at most 150 kB, as they are sent', () => {
  const page = readFileSync(`${dist}index.html`, 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
    ([, path]) => path,
  );
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = scripts.map((path) => {
    const packed = `${dist}${String(path)}.br`;
    // The smallest ones are sent as they are.
    return readFileSync(existsSync(packed) ? packed : `${dist}${String(path)}`).byteLength;
  });
  const sum = bytes.reduce((total, one) => total + one, 0);
  console.log(`first script: ${String(Math.round(sum / 1000))} kB`);
  expect(sum).toBeLessThanOrEqual(MOST_BYTES);
});
