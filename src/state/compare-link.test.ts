import { describe, expect, test } from 'vitest';
import { FIRST_CHOICE } from '../data/published-curves.ts';
import { formatCompareLink, parseCompareLink, type CompareAddress } from './compare-link.ts';

const SIDES = [
  { runId: '3f0a-1', checkpointId: 'tiny-base' },
  { runId: 'a:b&c', checkpointId: 'server:model one' },
];
const FIRST: CompareAddress = {
  ...{ sides: [], rlRunId: null, measure: 'accuracy', published: FIRST_CHOICE },
};

describe('the address of Compare', () => {
  test('brings back the sides in their order', () => {
    const link = formatCompareLink({ ...FIRST, sides: SIDES });
    expect(link).toBe('#/compare?side=3f0a-1:tiny-base&side=a%3Ab%26c:server%3Amodel%20one');
    expect(parseCompareLink(link)).toEqual({ ...FIRST, sides: SIDES });
    expect(formatCompareLink(FIRST)).toBe('#/compare');
    expect(parseCompareLink('#/compare')).toEqual(FIRST);
  });

  test('brings back the map and the published curves', () => {
    const address: CompareAddress = {
      sides: [],
      rlRunId: 'a&b',
      measure: 'support',
      published: { size: '7B', set: 'MMMU-medical' },
    };
    const link = formatCompareLink(address);
    expect(link).toBe('#/compare?rl=a%26b&map=support&published=7B:MMMU-medical');
    expect(parseCompareLink(link)).toEqual(address);
  });

  test('is read with a colon that was encoded on the way', () => {
    expect(parseCompareLink('#/compare?side=3f0a-1%3Atiny-base').sides).toEqual([SIDES[0]]);
    expect(parseCompareLink('#/compare?published=7B%3Apmc_vqa').published.set).toBe('pmc_vqa');
  });

  test('leaves out what is malformed or there twice', () => {
    const hash =
      '#/compare?side=&side=a&side=:b&side=a:&side=%:b&side=a:b&x=1&side=a:b&rl=%&map=x&published=9B:x';
    expect(parseCompareLink(hash)).toEqual({
      ...FIRST,
      sides: [{ runId: 'a', checkpointId: 'b' }],
    });
  });
});
