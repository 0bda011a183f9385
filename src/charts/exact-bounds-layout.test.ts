import { describe, expect, it } from 'vitest';
import {
  boundAnswers,
  BOUNDS_TOP,
  layoutBounds,
  MIN_BOUND_WIDTH,
  type BoundsSeries,
} from './exact-bounds-layout.ts';
import type { RiverAnswer } from './river-tree.ts';

const answers: readonly RiverAnswer[] = [
  { key: 'A', label: 'basophil', correct: false },
  { key: 'B', label: 'eosinophil', correct: true },
];

function seriesOf(id: string, changes: Partial<BoundsSeries> = {}): BoundsSeries {
  return {
    id,
    title: id,
    stage: 'sft',
    bounds: [{ answer: 'B', lower: 0.5, upper: 0.75 }],
    residual: 0.25,
    sampled: new Map([['B', 0.625]]),
    ...changes,
  };
}

describe('layoutBounds', () => {
  it('puts intervals and ticks on one axis from 0 to 1', () => {
    const { rows, plotWidth, scale, labelWidth } = layoutBounds([seriesOf('sft')], answers, 360);
    expect(scale(1)).toBe(plotWidth);
    expect(labelWidth + plotWidth).toBeLessThan(360);
    const [a, b] = rows;
    expect(a).toMatchObject({ lower: 0, upper: 0.25, sampled: 0, left: 0, tick: 0 });
    expect(a?.width).toBeCloseTo(plotWidth / 4);
    expect(b?.left).toBeCloseTo(plotWidth / 2);
    expect(b?.width).toBeCloseTo(plotWidth / 4);
    expect(b?.tick).toBeCloseTo(plotWidth * 0.625);
  });

  it('keeps a sharp interval visible, centred on its value and on the axis', () => {
    const bounds = [
      { answer: 'A', lower: 0.3, upper: 0.3 },
      { answer: 'B', lower: 1, upper: 1 },
    ];
    const { rows, plotWidth } = layoutBounds(
      [seriesOf('sft', { bounds, residual: 0 })],
      answers,
      360,
    );
    expect(rows.map(({ width }) => width)).toEqual([MIN_BOUND_WIDTH, MIN_BOUND_WIDTH]);
    expect((rows[0]?.left ?? 0) + MIN_BOUND_WIDTH / 2).toBeCloseTo(0.3 * plotWidth);
    expect((rows[1]?.left ?? 0) + MIN_BOUND_WIDTH).toBeCloseTo(plotWidth);
  });

  it('groups the checkpoints by answer, without overlap and inside the height', () => {
    const { rows, height, pitch } = layoutBounds(
      [seriesOf('base'), seriesOf('sft'), seriesOf('rl')],
      answers,
      300,
    );
    expect(rows.map(({ series, answer }) => `${answer.key ?? ''} ${series.id}`)).toEqual([
      'A base',
      'A sft',
      'A rl',
      'B base',
      'B sft',
      'B rl',
    ]);
    const ys = rows.map(({ y }) => y);
    ys.slice(1).forEach((y, at) => {
      expect(y - (ys[at] ?? 0)).toBeGreaterThanOrEqual(pitch);
    });
    expect(ys[0]).toBeGreaterThan(BOUNDS_TOP);
    expect((ys.at(-1) ?? 0) + pitch / 2).toBeLessThanOrEqual(height);
  });
});

describe('boundAnswers', () => {
  const say = (key: string | null): RiverAnswer => ({
    key,
    label: `${key ?? 'unparsed'}!`,
    correct: null,
  });

  it('adds what no sample found, most probable first, and counts the rest', () => {
    const lowers = [0.01, 0.2, 0.03, 0.04, 0.05, 0];
    const bounds = lowers.map((lower, at) => ({ answer: `x${String(at)}`, lower, upper: 1 }));
    const { answers: rows, leftOut } = boundAnswers(
      answers,
      [
        seriesOf('sft', { bounds }),
        seriesOf('rl', { bounds: [{ answer: null, lower: 0.5, upper: 1 }] }),
      ],
      say,
    );
    expect(rows.map(({ key }) => key)).toEqual(['A', 'B', null, 'x1', 'x4', 'x3']);
    expect(rows[2]?.label).toBe('unparsed!');
    expect(leftOut).toEqual({ count: 2, largest: 0.03 });
  });
});
