import { describe, expect, it } from 'vitest';
import type { AnswerBounds } from '../core/answer-bounds.ts';
import type { BarSeries } from './bar-series.ts';
import { layoutBars } from './bars-layout.ts';
import { EXACT_TICK_WIDTH, exactCaption, exactMark, isDrawable } from './exact-mark.ts';
import { layoutPassAtK } from './pass-at-k-layout.ts';
import { layoutReweight } from './reweight-layout.ts';

const answers = [
  { key: 'A', label: 'basophil', correct: false },
  { key: 'B', label: 'eosinophil', correct: true },
];

function boundsOf(residual: number, masses: Readonly<Record<string, number>>): AnswerBounds {
  const listed = Object.entries(masses).map(([answer, lower]) => ({
    answer,
    lower,
    upper: lower + residual,
  }));
  return { answers: listed, residual };
}

const series = (exact?: AnswerBounds): BarSeries => ({
  ...{ id: 'x', title: 'x', stage: 'sft', n: 16, outcomes: [] },
  ...(exact && { exact }),
});

describe('exactMark', () => {
  const scale = (probability: number): number => probability * 200;

  it('is a tick at the middle while the interval is one mark at this scale', () => {
    const { isTick, left, right } = exactMark(boundsOf(0.01, { B: 0.6 }), 'B', scale);
    expect([isTick, left, right]).toEqual([true, 121, 121]);
    // The same bounds, drawn larger, are two marks.
    const large = exactMark(boundsOf(0.01, { B: 0.6 }), 'B', (p) => p * 2000);
    expect(large.isTick).toBe(false);
    expect(large.right - large.left).toBeCloseTo(20);
  });

  it('gives an answer that was not found what is unexplored', () => {
    const mark = exactMark(boundsOf(0.2, { B: 0.8 }), 'A', scale);
    expect(mark).toEqual({ lower: 0, upper: 0.2, isTick: false, left: 0, right: 40 });
  });

  it('is refused where any answer could still be the most probable', () => {
    expect(isDrawable(boundsOf(0.49, { B: 0.51 }))).toBe(true);
    expect(isDrawable(boundsOf(0.51, { B: 0.49 }))).toBe(false);
  });
});

describe('exactCaption', () => {
  const marksOf = (bounds: AnswerBounds, width: number) =>
    answers.map(({ key }) => exactMark(bounds, key, (p) => p * width));

  it('names the shape that is drawn and how wide the bounds are', () => {
    const sharp = boundsOf(0.00087, { B: 0.6, A: 0.39913 });
    expect(exactCaption([sharp], answers, marksOf(sharp, 200))).toBe(
      'tick: exact probability (bounds within 0.00087)',
    );
    const wide = boundsOf(0.2, { B: 0.8 });
    expect(exactCaption([wide], answers, marksOf(wide, 200))).toBe(
      '[ ]: exact probability (bounds within 0.20)',
    );
    const whole = boundsOf(0, { B: 1 });
    expect(exactCaption([whole], answers, marksOf(whole, 200))).toBe('tick: exact probability');
    expect(exactCaption([], answers, [])).toBe('');
    expect(exactCaption([whole], answers, marksOf(whole, 200), 'bounded')).toBe(
      'tick: bounded probability',
    );
  });

  it('names found mass without a row', () => {
    const bounds = boundsOf(0, { B: 0.75, stone: 0.25 });
    expect(exactCaption([bounds], answers, marksOf(bounds, 200))).toContain(
      'exact on answers not shown: 0.25',
    );
  });
});

describe('layouts with exact bounds', () => {
  it('bars: every row has a mark, never sampled ones too, inside the axis', () => {
    const { rows, domain, scale } = layoutBars(
      [series(boundsOf(0.001, { B: 0.72, A: 0.279 }))],
      answers,
      0.25,
      400,
    );
    expect(rows.map(({ exact }) => exact?.lower)).toEqual([0.279, 0.72]);
    expect(domain).toBeCloseTo(0.8);
    expect(rows[1]?.exact?.left).toBeCloseTo(scale(0.7205));
    expect(layoutBars([series()], answers, 0.25, 400).rows[0]?.exact).toBeNull();
  });

  it('Pass@k: the space between bounds is shaded where it is wider than a line', () => {
    const curve = (width: number) =>
      layoutPassAtK(
        [
          {
            ...{ id: 'x', title: 'x', stage: 'sft', points: [] },
            exact: [1, 2].map((k) => ({ k, lower: 0.5, upper: 0.5 + width })),
          },
        ],
        300,
        200,
      ).curves[0]?.isExactWide;
    expect(curve(0.001)).toBe(false);
    expect(curve(0.1)).toBe(true);
  });

  it('re-weighting: a mark per row, and room for two numbers at the right', () => {
    const sharp = { ...series(boundsOf(0.001, { B: 0.98 })), outcomes: [] };
    const { marks, labelWidth, scale } = layoutReweight([sharp], answers, 300);
    expect(marks.map(({ exact }) => exact?.upper)).toEqual([0.001, 0.981]);
    const [, mark] = marks;
    expect((mark?.exact?.right ?? NaN) - scale(0.98)).toBeLessThan(EXACT_TICK_WIDTH);
    const without = layoutReweight([{ ...series(), outcomes: [] }], answers, 300);
    expect(labelWidth + scale(1)).toBeLessThan(without.labelWidth + without.scale(1) - 15);
  });
});
