import { expect, test } from 'vitest';
import { beyondWords, countWords, shareOf, type NullCounts } from './null-series.ts';

const wrong: NullCounts = {
  kind: 'wrong-images',
  n: 16,
  counts: new Map([
    ['A', 4],
    ['liver', 3],
    [null, 9],
  ]),
};

test('a share is of all samples, also of those whose answer has no row', () => {
  expect(shareOf(wrong, 'A')).toBe(0.25);
  expect(shareOf(wrong, 'B')).toBe(0);
  expect(shareOf({ ...wrong, n: 0 }, 'A')).toBe(0);
  expect(countWords(wrong, 'A')).toBe('wrong images: 4 of 16');
});

test('answers without a row are counted, over all checkpoints', () => {
  expect(beyondWords([wrong, wrong], [{ key: 'A' }, { key: null }])).toBe(
    'answers not shown: wrong images 6',
  );
  expect(beyondWords([wrong], [{ key: 'A' }, { key: 'liver' }, { key: null }])).toBe('');
});
