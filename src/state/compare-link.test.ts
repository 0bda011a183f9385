import { describe, expect, test } from 'vitest';
import { formatCompareLink, parseCompareLink } from './compare-link.ts';

const SIDES = [
  { runId: '3f0a-1', checkpointId: 'tiny-base' },
  { runId: 'a:b&c', checkpointId: 'server:model one' },
];

describe('the address of Compare', () => {
  test('brings back the sides in their order', () => {
    const link = formatCompareLink(SIDES);
    expect(link).toBe('#/compare?side=3f0a-1:tiny-base&side=a%3Ab%26c:server%3Amodel%20one');
    expect(parseCompareLink(link)).toEqual(SIDES);
    expect(formatCompareLink([])).toBe('#/compare');
    expect(parseCompareLink('#/compare')).toEqual([]);
  });

  test('is read with a colon that was encoded on the way', () => {
    expect(parseCompareLink('#/compare?side=3f0a-1%3Atiny-base')).toEqual([SIDES[0]]);
  });

  test('leaves out what is malformed or there twice', () => {
    const hash = '#/compare?side=&side=a&side=:b&side=a:&side=%:b&side=a:b&x=1&side=a:b';
    expect(parseCompareLink(hash)).toEqual([{ runId: 'a', checkpointId: 'b' }]);
  });
});
