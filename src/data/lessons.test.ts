import { describe, expect, it } from 'vitest';
import family from '../../test/fixtures/lessons/family.json' with { type: 'json' };
import { parseLesson } from './lessons.ts';

/** The fixture with its first step changed. */
function changed(change: object): unknown {
  const [first, ...rest] = family.steps;
  return { ...family, steps: [{ ...first, ...change }, ...rest] };
}

describe('a lesson', () => {
  it('is read', () => {
    const { lesson, problem } = parseLesson(family, 'family.json');
    expect(problem).toBeNull();
    expect(lesson?.steps.map(({ id }) => id)).toEqual([
      'broad-base',
      'sft-widens',
      'rl-sharpens',
      'rl-without-support',
    ]);
  });

  it.each([
    ['nothing', null, /family\.json is broken/],
    ['a newer version', { ...family, version: 2 }, /version: /],
    ['no steps', { ...family, steps: [] }, /steps: is empty/],
    ['a missing sentence', changed({ sentence: undefined }), /steps\.0\.sentence/],
    [
      'a foreign address',
      changed({ address: 'https://x.example/' }),
      /steps\.0\.address: does not/,
    ],
    ['an id that no address can hold', changed({ id: 'a b' }), /steps\.0\.id/],
    ['two steps of one id', changed({ id: 'sft-widens' }), /steps: two steps have one id/],
    ['a wrong count', changed({ holds: 99 }), /steps\.0: holds is not the number of items/],
    ['a wrong total', changed({ of: 240 }), /steps\.0: of is not the number of all/],
    [
      'an item that was not examined',
      changed({ holds: 1, items: [{ dataset: 'bloodmnist', index: 9999 }] }),
      /steps\.0: an item is not among all/,
    ],
  ])('with %s is refused, with the place', (_, json, message) => {
    const { lesson, problem } = parseLesson(json, 'family.json');
    expect(lesson).toBeNull();
    expect(problem).toMatch(message);
  });
});
