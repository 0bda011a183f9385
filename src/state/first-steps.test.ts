import { describe, expect, it } from 'vitest';
import { FirstSteps } from './first-steps.svelte.ts';

function storageOf(kept: Record<string, string> = {}) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value;
    },
  };
}

describe('hints of a first visit', () => {
  it('are all there at first, and each goes for good once it is done', () => {
    const storage = storageOf();
    const steps = new FirstSteps(storage);
    expect(steps.isOpen('run')).toBe(true);
    steps.finish('run');
    steps.finish('run');
    expect([steps.isOpen('run'), steps.isOpen('weigh')]).toEqual([false, true]);
    const later = new FirstSteps(storage);
    expect([later.isOpen('run'), later.isOpen('weigh')]).toEqual([false, true]);
  });

  it('know nothing of words that a later version kept', () => {
    const steps = new FirstSteps(storageOf({ 'supportlens-first-steps': 'fly weigh' }));
    expect([steps.isOpen('run'), steps.isOpen('weigh')]).toEqual([true, false]);
  });

  it('go for this visit where nothing may be kept', () => {
    const refuse = () => {
      throw new DOMException('no', 'SecurityError');
    };
    const steps = new FirstSteps({ getItem: refuse, setItem: refuse });
    expect(steps.isOpen('run')).toBe(true);
    steps.finish('run');
    expect(steps.isOpen('run')).toBe(false);
  });
});
