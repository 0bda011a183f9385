import { describe, expect, it } from 'vitest';
import { servedSampleOf } from '../core/record-fixture.ts';
import type { Sample } from '../core/types.ts';
import { layoutRivers } from './river-layout.ts';
import type { RiverShape } from './river-shapes.ts';
import { traceLength } from './river-threads.ts';
import { buildRiverTree, plainText } from './river-tree.ts';
import type { River, RiverAnswer, RiverSample } from './river-tree.ts';

const ANSWERS: readonly RiverAnswer[] = [
  { key: 'A', label: 'basophil', correct: false },
  { key: 'B', label: 'platelet', correct: false },
  { key: null, label: 'unparsed', correct: false },
  { key: 'C', label: 'monocyte', correct: true },
];
const BOX = { width: 800, thickness: 80, endPitch: 18 };
const LIMITS = { maxLevels: 7, maxLeaves: 32 };

function sample(index: number, words: string, answer: string | null): RiverSample {
  const trace = words.split(/(?= )/);
  const tokenTexts = answer === null ? trace : [...trace, '<answer>', answer, '</answer>'];
  const made: Sample = {
    index,
    tokenIds: tokenTexts.map((_, at) => at),
    tokenTexts,
    logProbs: tokenTexts.map(() => -0.5),
    modelLogProbs: tokenTexts.map(() => -0.5),
    text: tokenTexts.join(''),
    finishReason: 'answer-closed',
  };
  return { sample: made, answer };
}

function river(samples: readonly RiverSample[], id = 'sft'): River {
  return { id, title: id, stage: 'sft', samples };
}

/** Deterministic invented traces: every sample draws one word per level. */
function many(count: number, words: number): readonly RiverSample[] {
  return Array.from({ length: count }, (_, index) => {
    const pick = (level: number) => (index * 7919 + level * 104_729 * (index % 5)) % words;
    const text = [0, 1, 2].map((level) => ` w${String(level)}x${String(pick(level))}`).join(' and');
    return sample(index, text, (['A', 'B', 'C', null] as const)[pick(3) % 4] ?? null);
  });
}

function checkConservation(shape: RiverShape) {
  for (const band of shape.bands) {
    const children = shape.bands.filter((child) => child.parentId === band.id);
    if (children.length > 0) {
      const sum = children.reduce((total, child) => total + child.thickness, 0);
      expect(sum).toBeCloseTo(band.thickness, 6);
      const places = children.flatMap((child) => child.places).sort((a, b) => a - b);
      expect(places).toEqual([...band.places].sort((a, b) => a - b));
    } else {
      const flows = shape.flows.filter((flow) => flow.bandId === band.id);
      expect(flows.reduce((total, flow) => total + flow.places.length, 0)).toBe(band.places.length);
    }
  }
}

describe('layoutRivers', () => {
  it('says of a band what its server did not state, and gives no number for it', () => {
    const served = servedSampleOf('pale round <answer>C</answer>');
    const { rivers } = layoutRivers(
      [river([{ sample: served, answer: 'C' }])],
      ANSWERS,
      BOX,
      LIMITS,
    );
    const band = rivers[0]?.bands.find(({ text }) => text !== '');
    expect(band).toMatchObject({ logProb: null, tokenCount: 0, forkProbability: null });
    expect(band?.unstated).toBe('tokens and log p not stated by the server');
    const drawn = layoutRivers([river([sample(0, 'pale round', 'C')])], ANSWERS, BOX, LIMITS);
    expect(drawn.rivers[0]?.bands.every(({ unstated }) => unstated === '')).toBe(true);
  });

  it('draws identical samples as one band to one end', () => {
    const samples = Array.from({ length: 16 }, (_, i) => sample(i, 'purple and coarse', 'C'));
    const [shape] = layoutRivers([river(samples)], ANSWERS, BOX, LIMITS).rivers;
    expect(shape?.bands).toHaveLength(1);
    expect(shape?.bands[0]).toMatchObject({ thickness: 80, text: 'purple and coarse', share: 1 });
    expect(shape?.bands[0]?.tinted).toBe('');
    expect(shape?.ends.map((end) => end.places.length)).toEqual([16]);
    expect(shape?.foldedSamples).toBe(0);
  });

  it('splits at a fork with the shares and probabilities of its branches', () => {
    const samples = [
      sample(0, 'cell purple big', 'C'),
      sample(1, 'cell purple big', 'C'),
      sample(2, 'cell purple big', 'A'),
      sample(3, 'cell pale small', 'A'),
    ];
    const [shape] = layoutRivers([river(samples)], ANSWERS, BOX, LIMITS).rivers;
    expect(shape?.bands.map((band) => band.text)).toEqual(['cell', 'pale small', 'purple big']);
    const purple = shape?.bands[2];
    expect(purple?.forkShare).toBe(0.75);
    expect(purple?.forkProbability).toBeCloseTo(Math.exp(-0.5), 12);
    expect(purple?.logProb).toBeCloseTo(-1, 12);
    expect(shape?.ends.map((end) => [end.answer.key, end.places.length])).toEqual([
      ['A', 2],
      ['C', 2],
    ]);
  });

  it('conserves samples at every fork and in the ends', () => {
    for (const [count, words] of [
      [64, 3],
      [256, 5],
      [1024, 40],
    ] as const) {
      const samples = many(count, words);
      const [shape] = layoutRivers([river(samples)], ANSWERS, BOX, LIMITS).rivers;
      if (!shape) throw new Error('no river');
      checkConservation(shape);
      expect(shape.bands[0]?.thickness).toBeCloseTo(BOX.thickness, 6);
      for (const end of shape.ends) {
        const expected = samples.filter((one) => one.answer === end.answer.key).length;
        expect(end.places).toHaveLength(expected);
      }
      expect(shape.bands.length + shape.flows.length).toBeLessThan(400);
    }
  });

  it('gives the same picture twice', () => {
    const rivers = [river(many(64, 3)), river(many(32, 2), 'rl')];
    expect(layoutRivers(rivers, ANSWERS, BOX, LIMITS)).toEqual(
      layoutRivers(rivers, ANSWERS, BOX, LIMITS),
    );
  });

  it('keeps the order of the forks in all rivers', () => {
    const first = [sample(0, 'cell pale', 'A'), sample(1, 'cell purple', 'C')];
    const second = [sample(0, 'cell purple', 'A'), sample(1, 'cell pale', 'A')];
    const picture = layoutRivers([river(first), river(second, 'rl')], ANSWERS, BOX, LIMITS);
    const orders = picture.rivers.map((shape) => shape.bands.map((band) => band.text));
    expect(orders[0]).toEqual(orders[1]);
  });

  it('folds thin forks and counts what it folded', () => {
    const broad = Array.from({ length: 196 }, (_, i) => sample(i, 'cell purple big', 'C'));
    const thin = ['x', 'y', 'z', 'q'].map((word, i) => sample(196 + i, `cell ${word} odd`, 'A'));
    const [folded] = layoutRivers([river([...broad, ...thin])], ANSWERS, BOX, LIMITS).rivers;
    expect(folded?.foldedSamples).toBe(4);
    expect(folded?.bands.find((band) => band.kind === 'other')?.places).toHaveLength(4);
    const [open] = layoutRivers([river(broad)], ANSWERS, BOX, LIMITS).rivers;
    expect(open?.foldedSamples).toBe(0);
  });

  it('says when the samples of a leaf go on to differ', () => {
    const samples = Array.from({ length: 1000 }, (_, i) => sample(i, `cell n${String(i)}`, 'A'));
    const [shape] = layoutRivers([river(samples)], ANSWERS, BOX, LIMITS).rivers;
    expect(shape?.bands).toHaveLength(1);
    expect(shape?.hidingBands).toBe(1);
  });

  it('always shows the end of the truth, also with no sample in it', () => {
    const [shape] = layoutRivers([river([sample(0, 'cell', 'A')])], ANSWERS, BOX, LIMITS).rivers;
    expect(shape?.ends.map((end) => [end.answer.key, end.places.length])).toEqual([
      ['A', 1],
      ['C', 0],
    ]);
  });

  it('draws open samples without an end, and nothing without samples', () => {
    const open = { ...sample(0, 'cell', null), open: true };
    const [shape] = layoutRivers([river([open])], ANSWERS, BOX, LIMITS).rivers;
    expect(shape?.flows).toHaveLength(0);
    const [empty] = layoutRivers([river([])], ANSWERS, BOX, LIMITS).rivers;
    expect(empty).toMatchObject({ bands: [], flows: [], sampleCount: 0 });
  });
});

describe('buildRiverTree', () => {
  it('stops the trace at the answer', () => {
    expect(traceLength(sample(0, 'one two', 'A').sample)).toBe(2);
    expect(traceLength(sample(0, 'one two three', null).sample)).toBe(3);
  });

  it('carries the beginning of a word over a fork inside it', () => {
    const make = (index: number, tail: string) => {
      const base = sample(index, 'hue', 'A');
      const tokenTexts = ['hue', ' p', tail];
      return { ...base, sample: { ...base.sample, tokenTexts, text: tokenTexts.join('') } };
    };
    const tree = buildRiverTree([river([make(0, 'ale'), make(1, 'urple')])], ANSWERS, LIMITS);
    expect(tree?.text).toBe('hue');
    expect(tree?.children.map((child) => child.text)).toEqual(['pale', 'purple']);
  });

  it('cleans tags for people', () => {
    expect(plainText('<think> a  cell </think>\n')).toBe('a cell');
  });
});
