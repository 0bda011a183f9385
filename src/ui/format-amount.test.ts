import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatSeconds } from './format-amount.ts';

describe('amounts', () => {
  it('writes bytes in decimal units', () => {
    expect(formatBytes(0)).toBe('0\u00a0B');
    expect(formatBytes(999)).toBe('999\u00a0B');
    expect(formatBytes(4_120_000)).toBe('4.1\u00a0MB');
    expect(formatBytes(358_000_000)).toBe('358\u00a0MB');
    expect(formatBytes(1_400_000_000)).toBe('1.4\u00a0GB');
  });

  it('writes seconds, minutes and hours', () => {
    expect(formatSeconds(0.84)).toBe('0.8 s');
    expect(formatSeconds(42.4)).toBe('42 s');
    expect(formatSeconds(180)).toBe('3 min');
    expect(formatSeconds(5400)).toBe('1.5 h');
  });

  it('groups counts', () => {
    expect(formatCount(1024)).toBe('1,024');
  });
});
