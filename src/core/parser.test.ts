import { describe, expect, it } from 'vitest';
import { hasAnswerTag, isCorrect, parseAnswer } from './parser.ts';
import { BLOOD_QUESTION as FOUR, FREE_FORM_QUESTION as FREE } from './record-fixture.ts';
import type { AnswerRule } from './types.ts';

type Row = readonly [text: string, rule: AnswerRule, answer: string | null];

/** Four options, A to D. */
const MULTIPLE_CHOICE: readonly Row[] = [
  // Rule 1: the first closed tag.
  ['<answer>B</answer>', 'answer-tag', 'B'],
  ['<think>A or C?</think><answer>D</answer>', 'answer-tag', 'D'],
  ['<ANSWER>b</ANSWER>', 'answer-tag', 'B'],
  ['<answer>\n\n  c.\n</answer>', 'answer-tag', 'C'],
  ['<answer>(D)</answer>', 'answer-tag', 'D'],
  ['<answer>**B**</answer>', 'answer-tag', 'B'],
  ['<answer>B. eosinophil</answer>', 'answer-tag', 'B'],
  ['<answer>Option C</answer>', 'answer-tag', 'C'],
  ['<answer>A</answer> no, <answer>B</answer>', 'answer-tag', 'A'],
  ['<answer>none</answer> <answer>B</answer>', 'capital-letter', 'B'],
  ['<answer>C <answer>B</answer>', 'answer-tag', 'C'],
  ['<answer>a neutrophil</answer>', 'answer-tag', 'A'],
  ['<answer>B or C</answer>', 'answer-tag', 'B'],
  ['<answer>C</answer>\nAnswer: B', 'answer-tag', 'C'],
  ['<answer>D', 'unclosed-answer-tag', 'D'],
  // Content without an option letter: the rule does not fire.
  ['<answer>eosinophil</answer>', 'unparsed', null],
  ['<answer>Z</answer>', 'unparsed', null],
  ['<answer>Z</answer> Answer: B', 'answer-colon', 'B'],
  ['<answer>I think B</answer>', 'capital-letter', 'B'],
  ['<answer>E</answer> so C', 'capital-letter', 'C'],
  ['<answer></answer>', 'unparsed', null],
  ['<answer> </answer> Final: C', 'answer-colon', 'C'],
  ['<answer>B_2</answer>', 'unparsed', null],
  ['<answer>É</answer>', 'unparsed', null],
  ['<answer>B1</answer>', 'unparsed', null],
  // Rule 2: unclosed, the first line that is not empty.
  ['<answer>\n\n  B\nA', 'unclosed-answer-tag', 'B'],
  ['<think>A</think> <Answer> c', 'unclosed-answer-tag', 'C'],
  ['<answer>B</ans', 'unclosed-answer-tag', 'B'],
  ['<answer>B<', 'unclosed-answer-tag', 'B'],
  ['<answer>', 'unparsed', null],
  ['<answer>none\nB', 'capital-letter', 'B'],
  ['<answer>\r\nD\r\nA', 'unclosed-answer-tag', 'D'],
  ['</answer>B', 'capital-letter', 'B'],
  ['<answer >B</answer >', 'capital-letter', 'B'],
  // Rule 3: a colon or a hyphen.
  ['Answer: C', 'answer-colon', 'C'],
  ['A large cell. Answer: C', 'answer-colon', 'C'],
  ['FINAL: d', 'answer-colon', 'D'],
  ['The final answer: (b).', 'answer-colon', 'B'],
  ['**Answer:** C', 'answer-colon', 'C'],
  ['**Answer**: **C**', 'answer-colon', 'C'],
  ['__Answer:__ _D_', 'answer-colon', 'D'],
  ['answer - b', 'answer-colon', 'B'],
  ['Answer:\nB', 'answer-colon', 'B'],
  ['Answer: b\nbecause it is red', 'answer-colon', 'B'],
  ['Answer: A or B? Answer: C', 'answer-colon', 'A'],
  ['Answer: a neutrophil. Final: D', 'answer-colon', 'D'],
  ['Answer: a neutrophil', 'unparsed', null],
  ['Answer: Z', 'unparsed', null],
  ['Answer: Z. Rather C', 'capital-letter', 'C'],
  ['Answer: Basophil', 'unparsed', null],
  ['the answer b', 'unparsed', null],
  ['C, for the answer B is too small', 'capital-letter', 'C'],
  ['to answer a question', 'unparsed', null],
  ['final-c', 'answer-colon', 'C'],
  ['semifinal: c', 'unparsed', null],
  // Rule 4: standalone capitals of the original text.
  ['B', 'capital-letter', 'B'],
  ['The answer is B', 'capital-letter', 'B'],
  ['I think it is C.', 'capital-letter', 'C'],
  ['A cell with a round nucleus, so D', 'capital-letter', 'A'],
  ['b', 'unparsed', null],
  ['(C)', 'capital-letter', 'C'],
  ['X-ray of E and F', 'unparsed', null],
  ['École B', 'capital-letter', 'B'],
  ['Bé D', 'capital-letter', 'D'],
  ['CÉ then D', 'capital-letter', 'D'],
  ['A\u0301 then C', 'capital-letter', 'C'],
  ['vitamin B12 and D', 'capital-letter', 'D'],
  ['答案是C。', 'unparsed', null],
  ['答案:C。', 'capital-letter', 'C'],
  ['', 'unparsed', null],
  ['   \n', 'unparsed', null],
  ['<script>alert(1)</script>', 'unparsed', null],
];

const FREE_FORM: readonly Row[] = [
  ['<answer>Left  Kidney.</answer>', 'answer-tag', 'left kidney'],
  ['<answer>\n"left\nkidney"\n</answer>', 'answer-tag', 'left kidney'],
  ['<answer>liver</answer><answer>spleen</answer>', 'answer-tag', 'liver'],
  ['<answer>Answer: liver</answer>', 'answer-tag', 'liver'],
  ['<answer>__Liver__</answer>', 'answer-tag', 'liver'],
  ['<answer>Écho</answer>', 'answer-tag', 'écho'],
  ['<answer>E\u0301cho</answer>', 'answer-tag', 'écho'],
  ['<answer>«Почка»</answer>', 'answer-tag', 'почка'],
  ['<answer>肝臓。</answer>', 'answer-tag', '肝臓'],
  ['<answer>T2-weighted MRI</answer>', 'answer-tag', 't2-weighted mri'],
  ['<answer>5 %</answer>', 'answer-tag', '5'],
  ['<answer>…</answer>', 'unparsed', null],
  ['<answer>?</answer>\nAnswer: liver', 'answer-colon', 'liver'],
  ['<answer>liver', 'unclosed-answer-tag', 'liver'],
  ['<answer>liver</ans', 'unclosed-answer-tag', 'liver'],
  ['<answer>liver</think>', 'unclosed-answer-tag', 'liver'],
  ['<answer>\n liver \nbecause', 'unclosed-answer-tag', 'liver'],
  ['It is dark.\nAnswer: The liver!\nDone.', 'answer-colon', 'the liver'],
  ['**Final answer:** liver', 'answer-colon', 'liver'],
  ['Final:\n\nliver', 'answer-colon', 'liver'],
  ['Final - liver', 'answer-colon', 'liver'],
  ['final-stage disease', 'unparsed', null],
  ['Answer: liver</answer>', 'answer-colon', 'liver'],
  ['Answer:', 'unparsed', null],
  ['I cannot answer: too dark', 'unparsed', null],
  ['liver', 'unparsed', null],
  ['Some reasoning.\nliver', 'unparsed', null],
  ['', 'unparsed', null],
];

describe('parseAnswer', () => {
  it.each(MULTIPLE_CHOICE)('multiple choice %j → %s %j', (text, rule, answer) => {
    expect(parseAnswer(text, FOUR)).toEqual({ rule, answer });
  });

  it.each(FREE_FORM)('free-form %j → %s %j', (text, rule, answer) => {
    expect(parseAnswer(text, FREE)).toEqual({ rule, answer });
  });

  it('takes I and Z for options where there are that many', () => {
    const question = { ...FOUR, options: Array.from({ length: 26 }, (_, i) => `option ${i}`) };
    expect(parseAnswer('I think B', question).answer).toBe('I');
    expect(parseAnswer('<answer>z</answer>', question).answer).toBe('Z');
  });

  it('stays fast on long texts without an answer', () => {
    const texts = ['<answer>', '*', 'answer ', '- ', '<', 'Answer:', ' \n'].map((piece) =>
      piece.repeat(4000),
    );
    const start = performance.now();
    for (const text of texts) {
      parseAnswer(text, FOUR);
      parseAnswer(text, FREE);
    }
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('isCorrect', () => {
  const parsed = (answer: string | null) => ({ rule: 'answer-tag', answer }) as const;

  it('compares letters with every right option', () => {
    expect(isCorrect(parsed('B'), FOUR)).toBe(true);
    expect(isCorrect(parsed('A'), FOUR)).toBe(false);
    expect(isCorrect(parsed('A'), { ...FOUR, correctOptions: [3, 0] })).toBe(true);
  });

  it('compares free-form answers after normalising both', () => {
    expect(isCorrect(parsed('left kidney'), FREE)).toBe(true);
    expect(isCorrect(parsed('kidney'), FREE)).toBe(false);
  });

  it('counts an unparsed answer as wrong, and knows nothing without a truth', () => {
    expect(isCorrect(parsed(null), FOUR)).toBe(false);
    expect(isCorrect(parsed('B'), { ...FOUR, correctOptions: [] })).toBeNull();
    expect(isCorrect(parsed('x'), { ...FREE, referenceAnswer: null })).toBeNull();
    expect(isCorrect(parsed(null), { ...FREE, referenceAnswer: ' ? ' })).toBeNull();
  });
});

describe('hasAnswerTag', () => {
  it.each([
    ['<answer></answer>', true],
    ['<Answer>x', true],
    ['<answer>', false],
    ['<answer> \n', false],
    ['</answer>', false],
    ['Answer: B', false],
  ])('%j → %s', (text, expected) => {
    expect(hasAnswerTag(text)).toBe(expected);
  });
});
