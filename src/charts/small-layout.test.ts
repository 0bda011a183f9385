import { describe, expect, it } from 'vitest';
import { factsLine } from './chart-facts.ts';
import { fitText, textWidth } from './fit-text.ts';
import { spreadLabels } from './spread-labels.ts';

describe('spreadLabels', () => {
  it('leaves free labels alone and parts crowded ones in order', () => {
    expect(spreadLabels([10, 50], 15, 0, 100)).toEqual([10, 50]);
    expect(spreadLabels([0, 0, 0], 15, 0, 100)).toEqual([0, 15, 30]);
    expect(spreadLabels([100, 99], 15, 0, 100)).toEqual([100, 85]);
  });
});

describe('fitText', () => {
  it('never exceeds the width', () => {
    for (const width of [20, 60, 90, 400]) {
      const text = fitText('nucleus round, purple and coarse', width, 11, 'mono');
      expect(textWidth(text, 11, 'mono')).toBeLessThanOrEqual(width);
    }
    expect(fitText('nucleus', 20, 11, 'mono')).toBe('');
    expect(fitText('nucleus round and coarse', 90, 11, 'mono')).toBe('nucleus roun…');
  });
});

describe('factsLine', () => {
  it('names what is on', () => {
    const sampler = {
      k: 16,
      temperature: 0.7,
      topK: 0,
      topP: 0.9,
      minP: 0,
      maxNewTokens: 2048,
      seed: 123,
    };
    expect(
      factsLine({
        samples: [16, 16],
        sampler,
        promptMode: 'think',
        checkpoints: ['tiny-sft', 'tiny-rl'],
        devices: ['wasm', 'wasm'],
      }),
    ).toBe('n = 16, K = 16, T 0.7, top-p 0.9, seed 123 · think · tiny-sft, tiny-rl · wasm');
  });
});
