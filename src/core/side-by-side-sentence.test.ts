import { describe, expect, it } from 'vitest';
import { summarizeItem } from './item-summary.ts';
import {
  answerTexts,
  FREE_FORM_QUESTION,
  nullsOf,
  recordOf,
  SAMPLER,
  sampleOf,
} from './record-fixture.ts';
import { sideBySideHeadline, sideBySideSentence, type Side } from './side-by-side-sentence.ts';
import type { Question } from './types.ts';

const question = recordOf([]).question;

function side(title: string, right: number, greedy: string, n = 16, asked = question): Side {
  const record = recordOf([...answerTexts('B', right), ...answerTexts('A', n - right)], {
    question: asked,
    greedy: sampleOf(`<answer>${greedy}</answer>`),
    sampler: { ...SAMPLER, k: 16 },
  });
  return { title, summary: summarizeItem(record) };
}

/** The same with nulls: so many of the second 16 right, so many of 4 with each wrong image, or with all. */
function withNulls(
  { title, summary }: Side,
  second: number,
  blind: number | readonly [number, number, number, number],
): Side {
  const hits = summary.correctCount ?? 0;
  const record = recordOf([...answerTexts('B', hits), ...answerTexts('A', 16 - hits)], {
    greedy: sampleOf('<answer>B</answer>'),
    sampler: { ...SAMPLER, k: 16 },
    nulls: nullsOf(
      [...answerTexts('B', second), ...answerTexts('A', 16 - second)],
      ...(typeof blind === 'number' ? [blind, blind, blind, blind] : blind).map((right) => [
        ...answerTexts('B', right),
        ...answerTexts('A', 4 - right),
      ]),
    ),
  });
  return { title, summary: summarizeItem(record) };
}

describe('headline', () => {
  it('counts the right answers of each', () => {
    expect(sideBySideHeadline([side('base', 3, 'A'), side('rl', 16, 'B')])).toBe(
      'Right answers of 16: base 3 · rl 16',
    );
  });

  it('says of how many where a run was stopped', () => {
    expect(sideBySideHeadline([side('base', 3, 'A'), side('rl', 2, 'B', 5)])).toBe(
      'base 3 of 16 · rl 2 of 5 right',
    );
  });

  it('claims nothing without a truth', () => {
    const open: Question = { ...question, correctOptions: [] };
    const sides = [side('base', 3, 'A', 16, open), side('rl', 16, 'B', 16, open)];
    expect(sideBySideHeadline(sides)).toBe('How the answers are distributed');
    expect(sideBySideSentence(sides, open)).toBe('No truth is marked.');
  });
});

describe('sentence', () => {
  it('names support by checkpoint, with what guessing does', () => {
    const sides = [side('base', 0, 'A'), side('sft', 5, 'A'), side('rl', 16, 'B')];
    expect(sideBySideSentence(sides, question)).toBe(
      'The right answer, eosinophil, is in the support of sft and rl, not seen from base. Guessing alone is right 0.25 of the time, and at least once in 16 with probability 0.99.',
    );
  });

  it('is short where all are alike, and never speaks of what training did', () => {
    const text = sideBySideSentence([side('sft', 5, 'B'), side('rl', 16, 'B')], question);
    expect(text).toContain('is in the support of each of them.');
    expect(text).not.toMatch(/sharpen|widen|collapse|learn/);
  });

  it('reads a free-form truth', () => {
    const record = recordOf(['nothing'], { question: FREE_FORM_QUESTION });
    const one = { title: 'base', summary: summarizeItem(record) };
    expect(sideBySideSentence([one, { ...one, title: 'rl' }], FREE_FORM_QUESTION)).toBe(
      'The right answer, Left kidney, was seen in none of their samples.',
    );
  });

  it('sets each against the one before it, beside what a second seed changes', () => {
    const sides = [
      withNulls(side('base', 3, 'B'), 4, 1),
      withNulls(side('sft', 12, 'B'), 14, 1),
      withNulls(side('rl', 14, 'B'), 14, 4),
    ];
    const text = sideBySideSentence(sides, question);
    expect(text).toContain('Supported by the image for sft, not clearly for base and rl.');
    expect(text).toContain(
      'Right answers: sft 0.56 above base (95 %: +0.22 to +0.75; ' +
        'second seed up to 0.13); rl 0.13 above sft, inside the second-seed spread (0.13).',
    );
  });

  it('says where so few wrong images leave room for more than the lower bound', () => {
    const certain = [
      withNulls(side('base', 16, 'B'), 16, 0),
      withNulls(side('sft', 16, 'B'), 16, 0),
    ];
    expect(sideBySideSentence(certain, question)).toContain(
      'Supported by the image for base and sft. Guessing',
    );
    const [base] = certain;
    if (!base) throw new Error('no side');
    const doubted = [base, withNulls(side('rl', 16, 'B'), 16, [0, 4, 4, 3])];
    expect(sideBySideSentence(doubted, question)).toContain(
      'Supported by the image for base and rl. The wrong images are few, though, and leave room up to 1 for rl. Guessing',
    );
  });

  it('says where chance alone would do, and nothing of a spread that was not measured', () => {
    const sides = [withNulls(side('base', 8, 'B'), 8, 0), withNulls(side('sft', 7, 'B'), 7, 0)];
    expect(sideBySideSentence(sides, question)).toContain(
      'sft 0.063 below base, not clearly (95 %: −0.36 to +0.26; second seed up to 0).',
    );
    const [, second] = sides;
    const mixed = [side('base', 8, 'B'), ...(second ? [second] : [])];
    expect(sideBySideSentence(mixed, question)).not.toContain('Right answers:');
  });
});
