import { describe, expect, it } from 'vitest';
import { textWidth } from './fit-text.ts';
import { sampleOf } from '../core/record-fixture.ts';
import { branchWords, truthFork } from './river-fork.ts';
import { bandLabel, LABEL_SIZE } from './river-label.ts';
import { layoutRivers } from './river-layout.ts';
import { litPlaces, targetOf, wayOf } from './river-selection.ts';
import type { River, RiverAnswer } from './river-tree.ts';

const ANSWERS: readonly RiverAnswer[] = [
  { key: 'A', label: 'monocyte', correct: false },
  { key: 'B', label: 'platelet', correct: true },
];

/** Right after `small`, wrong after `large`; `round` before it splits nothing. */
function river(id: string, small: number, large: number): River {
  const samples = Array.from({ length: small + large }, (_, index) => {
    const [word, answer] = index < small ? ['small', 'B'] : ['large', 'A'];
    const shape = index % 2 === 0 ? 'round' : 'oval';
    const text = `a cell ${shape} and ${word} indeed <answer>${answer}</answer>`;
    return { sample: sampleOf(text, index), answer };
  });
  return { id, title: id, stage: 'sft', samples };
}
const RIVERS = [river('sft', 7, 9), river('rl', 16, 0)];
const picture = layoutRivers(
  RIVERS,
  ANSWERS,
  { width: 900, thickness: 120, endPitch: 18 },
  { maxLevels: 7, maxLeaves: 26 },
);
const [sft, rl] = picture.rivers;
if (!sft || !rl) throw new Error('no rivers');

describe('where right and wrong part', () => {
  it('is the fork that loses most of the truth, with both branches and how many leave', () => {
    const fork = truthFork(sft);
    expect(fork && [branchWords(fork.away), branchWords(fork.towards)]).toEqual([
      'large indeed',
      'small indeed',
    ]);
    // Half of the samples are round, half oval: of either kind those with `large` are wrong.
    expect(fork?.reaching).toBe(8);
    expect(fork?.leaving).toBeGreaterThanOrEqual(4);
  });

  it('is nowhere when all are right, and without a marked truth', () => {
    expect(truthFork(rl)).toBeNull();
    const unmarked = {
      ...sft,
      ends: sft.ends.map((end) => ({ ...end, answer: { ...end.answer, correct: null } })),
    };
    expect(truthFork(unmarked)).toBeNull();
  });
});

describe('linked rivers', () => {
  it('a band points at its samples in every river, an end at its answer', () => {
    const band = sft.bands.find(({ text }) => text.includes('small'));
    const target = targetOf(picture, RIVERS, 'sft', band?.id ?? '');
    if (target?.kind !== 'band') throw new Error('no band');
    expect(target.samples['sft']).toEqual(
      band?.places.map((place) => RIVERS[0]?.samples[place]?.sample.index),
    );
    expect(target.samples['rl']?.length).toBeGreaterThan(0);
    expect(target.readout.others).toEqual([`rl ${String(target.samples['rl']?.length)} of 16`]);
    expect(target.readout.alternatives[0]?.text).toContain('large');
    expect(target.readout.facts.join()).toMatch(/log p −.*at this fork/);
    expect(targetOf(picture, RIVERS, 'rl', 'end:B')).toEqual({
      ...{ kind: 'answer', checkpointId: 'rl', answer: 'B' },
    });
    expect(targetOf(picture, RIVERS, 'rl', 'nothing')).toBeNull();
  });

  it('the way of lit samples goes from the prompt to their ends only', () => {
    const places = litPlaces(RIVERS[0], new Map([['sft', new Set([15])]]));
    const way = wayOf(sft, places ?? new Set());
    expect(way.has('end:A')).toBe(true);
    expect(way.has('end:B')).toBe(false);
    expect(way.has(sft.bands[0]?.id ?? '')).toBe(true);
    expect(litPlaces(RIVERS[0], null)).toBeNull();
    expect(litPlaces(RIVERS[0], new Map())).toBeNull();
  });
});

describe('labels', () => {
  it('never leave their band', () => {
    const labels = picture.rivers.flatMap(({ bands }) =>
      bands.flatMap((band) => {
        const label = bandLabel(band);
        return label ? [{ band, label }] : [];
      }),
    );
    expect(labels.length).toBeGreaterThan(3);
    for (const { band, label } of labels) {
      expect(label.x).toBeGreaterThanOrEqual(band.x);
      expect(label.x + label.width).toBeLessThanOrEqual(band.x + band.flatWidth + 1e-9);
      expect(label.y).toBeGreaterThanOrEqual(band.y);
      expect(label.y + label.height).toBeLessThanOrEqual(band.y + band.thickness + 1e-9);
      for (const line of label.lines) {
        expect(textWidth(line, LABEL_SIZE, 'mono')).toBeLessThanOrEqual(label.width);
      }
    }
  });

  it('a long run is folded to its beginning and its number of tokens', () => {
    const [band] = sft.bands;
    if (!band) throw new Error('no band');
    const long = {
      ...band,
      text: 'one two three four five six seven eight nine ten',
      tokenCount: 10,
    };
    expect(bandLabel({ ...long, thickness: 60, flatWidth: 110 })?.lines.at(-1)).toBe('10 tokens');
    expect(bandLabel({ ...long, thickness: 5 })).toBeNull();
  });
});
