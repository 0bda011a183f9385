import { expect, test } from 'vitest';
import { SMALL_SET_PROBE } from '../core/probe/settings.ts';
import { formatProbeLink, parseProbeLink } from './probe-link.ts';

const DEFAULT = {
  sets: null,
  checkpoints: null,
  kind: 'tower-mean',
  linear: SMALL_SET_PROBE,
  runId: null,
  device: 'auto',
} as const;

test('what is the default is not said', () => {
  expect(formatProbeLink(DEFAULT)).toBe('#/probe');
  expect(parseProbeLink('#/probe')).toEqual(DEFAULT);
});

test('what was written is read back', () => {
  const link = {
    sets: ['bloodmnist', 'breastmnist'],
    checkpoints: ['tiny-sft', 'a b'],
    kind: 'projector-max',
    linear: { learningRate: 0.01, batchSize: 1024, epochs: 5, seed: 7 },
    runId: 'a/b',
    device: 'wasm',
  } as const;
  expect(parseProbeLink(formatProbeLink(link))).toEqual(link);
});

test('unknown sets and kinds are left out; a number out of range stays, to be named', () => {
  const link = parseProbeLink(
    '#/probe?set=bloodmnist,mars&features=eyes&epochs=-3&lr=x&device=tpu',
  );
  expect(link).toEqual({
    ...DEFAULT,
    sets: ['bloodmnist'],
    linear: { ...SMALL_SET_PROBE, epochs: -3 },
  });
});
