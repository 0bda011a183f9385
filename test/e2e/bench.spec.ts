/** `npm run bench`: its smallest run measures every method and says what a reader needs. Not timings. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const script = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url));

interface Row {
  readonly method: string;
  readonly k: number;
  readonly cached: boolean;
  readonly elapsedMs: number;
  readonly firstSampleMs: number;
  readonly rows: number;
  readonly speedup: number | null;
  readonly computedFrom: number | null;
}

interface Report {
  readonly machine: { readonly cores: number; readonly loadBefore: number };
  readonly devices: readonly {
    readonly device: string;
    readonly loaded: { readonly kind: string; readonly selfCheck: { readonly passed: boolean } };
    readonly rows: readonly Row[];
    readonly steps: readonly Record<string, number>[];
  }[];
}

test('it measures all methods and adds up', () => {
  test.setTimeout(300_000);
  const settings = ['--k', '1,3', '--each-limit', '1', '--modes', 'direct', '--items', '1'];
  const rest = ['--repeats', '1', '--devices', 'wasm', '--no-memory', '--json'];
  const output = execFileSync('node', [script, ...settings, ...rest], { encoding: 'utf8' });
  const { machine, devices } = JSON.parse(output) as Report;
  expect(machine.cores).toBeGreaterThan(0);
  const [wasm] = devices;
  expect(wasm?.loaded).toMatchObject({ kind: 'wasm', selfCheck: { passed: true } });

  const found = wasm?.rows.map(
    ({ method, k, cached }) => `${method} ${String(k)} ${String(cached)}`,
  );
  const ofEach = ['each 1 false', 'each 3 false', 'batched 1 false', 'batched 3 false'];
  const ofOurs = ['flat', 'tree'].flatMap((method) =>
    [1, 3].flatMap((k) => [`${method} ${String(k)} false`, `${method} ${String(k)} true`]),
  );
  expect(found?.toSorted()).toEqual([...ofEach, ...ofOurs].toSorted());
  for (const row of wasm?.rows ?? []) {
    expect(row.firstSampleMs).toBeGreaterThan(0);
    expect(row.elapsedMs).toBeGreaterThanOrEqual(row.firstSampleMs * 0.999);
    expect(row.rows).toBeGreaterThan(0);
    const isComputed = row.method === 'each' && row.k === 3;
    expect(row.computedFrom).toBe(isComputed ? 1 : null);
    expect(row.speedup === null).toBe(isComputed);
  }
  for (const { model, gather, engine, text, messages, drawAndTree } of wasm?.steps ?? []) {
    const shares = [model, gather, engine, text, messages, drawAndTree].map(Number);
    for (const share of shares.slice(0, 5)) expect(share).toBeGreaterThanOrEqual(0);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 1);
  }
  expect(wasm?.steps).toHaveLength(2);
});
