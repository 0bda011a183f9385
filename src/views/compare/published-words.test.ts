import { describe, expect, test } from 'vitest';
import { layoutPassAtK } from '../../charts/pass-at-k-layout.ts';
import { PublishedFigures, type PublishedChoice } from '../../state/published.svelte.ts';
import { publishedFacts, publishedReading, publishedSeries } from './published-words.ts';

function published(choice: Partial<PublishedChoice> = {}): PublishedFigures {
  const figures = new PublishedFigures();
  figures.choose(choice);
  return figures;
}
const reading = (choice: Partial<PublishedChoice>) =>
  publishedReading(published(choice).curves, 0.004);

describe('what is said of the published curves', () => {
  test('comes from their points', () => {
    expect(reading({})).toEqual([
      'RL on text: +0.11 against the base at k = 1, −0.01 against the base at k = 64.',
      'RL on PMC-VQA: +0.08 against the base at k = 1, −0.42 against the base at k = 64. It hardly gains by being asked more often (+0.04): its answers have lost their diversity.',
    ]);
    // Where RL gains nothing at once, that is what is said.
    expect(reading({ size: '7B', set: 'pathvqa_closed' })[1]).toContain(
      '−0.02 against the base at k = 1, −0.31 against the base at k = 8.',
    );
  });

  test('calls level what the plot cannot tell apart', () => {
    expect(reading({ set: 'MMMU-medical' })[0]).toBe(
      'RL on text: +0.09 against the base at k = 1, level with the base at k = 64.',
    );
  });

  test('a hidden point is a gap, in the middle and at the end', () => {
    const layoutOf = (choice: Partial<PublishedChoice>) =>
      layoutPassAtK(publishedSeries(published(choice).curves), 600, 280).curves[0]?.pieces.map(
        (piece) => piece.map(({ k }) => k),
      );
    expect(layoutOf({ size: '7B', set: 'slake_closed' })).toEqual([[1], [4, 8, 16, 32, 64]]);
    expect(layoutOf({ size: '7B', set: 'pathvqa_closed' })).toEqual([[1, 2, 4, 8]]);
    expect(layoutOf({})).toEqual([[1, 2, 4, 8, 16, 32, 64]]);
  });

  test('a saved picture carries source, licence, sampling and caveats', () => {
    const { full } = publishedFacts(published({ size: '7B', set: 'pmc_vqa' }));
    const words = full.join('\n');
    for (const part of [
      '7B, PMC-VQA',
      'MedVLThinker',
      'Apache-2.0',
      'T 0.5, top-p 0.95, 64',
      '±0.004',
      'not graded again',
    ]) {
      expect(words).toContain(part);
    }
  });
});
