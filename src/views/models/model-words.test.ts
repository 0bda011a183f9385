import { expect, test } from 'vitest';
import type { DtypeOffer } from '../../state/model-lookup.svelte.ts';
import { abilityWords, dtypeNote, roomWords } from './model-words.ts';

const offer = (more: Partial<DtypeOffer>): DtypeOffer => ({
  dtype: 'q4',
  sizeBytes: 1000,
  manifest: { revision: 'r', files: [] },
  refusal: null,
  caution: null,
  isRecommended: false,
  keptBytes: 0,
  ...more,
});

test('a data type says why not, or what speaks for it and what is here', () => {
  expect(dtypeNote(offer({}))).toBe('');
  expect(dtypeNote(offer({ refusal: 'too large', isRecommended: true }))).toBe(
    'not on this device: too large',
  );
  expect(dtypeNote(offer({ isRecommended: true, keptBytes: 1000 }))).toBe(
    'recommended here · cached',
  );
  expect(dtypeNote(offer({ keptBytes: 400, caution: 'little memory' }))).toBe(
    '400\u00a0B cached · little memory',
  );
});

test('size against room', () => {
  expect(roomWords(0, 5)).toContain('Nothing to download');
  expect(roomWords(2e6, 3e9)).toBe(
    'Downloads 2.0\u00a0MB. This browser may still keep 3.0\u00a0GB.',
  );
  expect(roomWords(2e6, null)).toBe('Downloads 2.0\u00a0MB.');
});

test('what the machine could run is said with its limits', () => {
  const limits = { tensorBytes: 2 ** 31, weightsBytes: null };
  const gpu = { kind: 'webgpu', hasHalfPrecision: true, limits, memoryBytes: null } as const;
  expect(abilityWords(gpu)).toMatch(
    /^WebGPU with half precision, single buffers up to 2\.1\sGB\. /,
  );
  const wasm = {
    kind: 'wasm',
    hasHalfPrecision: false,
    limits: { tensorBytes: null, weightsBytes: 3e9 },
    memoryBytes: 4e9,
  } as const;
  expect(abilityWords(wasm)).toMatch(/^Wasm .* weights up to 3\.0\sGB, 4\.0\sGB of memory\. /);
});
