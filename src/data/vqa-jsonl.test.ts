import { describe, expect, test } from 'vitest';
import { parseSynonyms, readVqaFile, type VqaGrading } from './vqa-jsonl.ts';

/** A line as the released code writes it. */
const LINE = {
  dataset_name: 'PMC-VQA',
  dataset_index: 17,
  image_paths: ['images/17.jpg'],
  question: 'Which organ is shown?',
  options: ['liver', 'kidney', 'spleen', 'heart'],
  options_dict: { A: 'liver', B: 'kidney', C: 'spleen', D: 'heart' },
  answer_label: 'B',
  answer: 'kidney',
};
const NORMALIZED = { by: 'normalized' } as const;

const read = (line: object, grading: VqaGrading = NORMALIZED) =>
  readVqaFile(JSON.stringify(line), 'set.jsonl', grading);
const changed = (change: object, grading: VqaGrading = NORMALIZED) =>
  read({ ...LINE, ...change }, grading);

describe('a line of a VQA file', () => {
  test('as released', () => {
    expect(changed({}).items).toEqual([
      {
        line: 1,
        dataset: 'PMC-VQA',
        index: '17',
        imagePath: 'images/17.jpg',
        question: {
          text: 'Which organ is shown?',
          options: ['liver', 'kidney', 'spleen', 'heart'],
          correctOptions: [1],
          referenceAnswer: null,
        },
      },
    ]);
  });

  test.each([
    ['the table alone', { options: null }],
    ['the list alone', { options_dict: null }],
    ['letters in the list', { options: ['A: liver', '(B) kidney', 'C. spleen', 'D) heart'] }],
    ['the label alone', { answer: null }],
    ['the answer alone', { answer_label: null }],
    ['a small label', { answer_label: 'b ' }],
    ['one path as text', { image_paths: 'images/17.jpg' }],
  ])('%s says the same', (_, change) => {
    expect(changed(change).items).toEqual(changed({}).items);
  });

  test('yes or no', () => {
    const line = { options: ['yes', 'no'], options_dict: null, answer_label: null, answer: 'no' };
    expect(changed(line).items[0]?.question).toMatchObject({ correctOptions: [1] });
  });

  test('free form, with and without an answer', () => {
    const none = { options: null, options_dict: {}, answer_label: null };
    expect(changed(none).items[0]?.question).toEqual({
      text: 'Which organ is shown?',
      options: [],
      correctOptions: [],
      referenceAnswer: 'kidney',
    });
    expect(changed({ ...none, answer: null }).items[0]?.question.referenceAnswer).toBeNull();
    expect(changed({ ...none, answer: 3 }).items[0]?.question.referenceAnswer).toBe('3');
  });

  test.each([
    ['no image', { image_paths: [] }, /names no image/],
    ['two images', { image_paths: ['a.png', 'b.png'] }, /2 images/],
    ['no question', { question: ' ' }, /question/],
    ['another label', { answer_label: 'F' }, /F is none/],
    ['label and answer at odds', { answer: 'liver' }, /says B, and answer is option A/],
    ['another answer', { answer_label: null, answer: 'lung' }, /none of the options/],
    ['list and table at odds', { options: ['liver', 'kidney'] }, /differ/],
    ['a gap in the letters', { options: null, options_dict: { A: 'x', C: 'y' } }, /gap/],
    [
      'two equal options',
      { options: ['x', 'x'], options_dict: null, answer: 'x', answer_label: 'A' },
      /same/,
    ],
    ['a list that is none', { options: 'liver' }, /options/],
  ])('%s is named', (_, change, message) => {
    const { items, problems } = changed(change);
    expect(items).toEqual([]);
    expect(problems).toMatchObject([
      { line: 1, message: expect.stringMatching(message) as string },
    ]);
  });
});

test('broken lines are named and the good ones kept', () => {
  const text = `${JSON.stringify(LINE)}\n\n{"question": \r\n${JSON.stringify({ ...LINE, dataset_index: null, dataset_name: '' })}\n`;
  const { items, problems } = readVqaFile(text, 'mine', NORMALIZED);
  expect(items.map(({ line, dataset, index }) => [line, dataset, index])).toEqual([
    [1, 'PMC-VQA', '17'],
    [4, 'mine', '4'],
  ]);
  expect(problems).toEqual([{ line: 3, message: 'This line is not valid JSON.' }]);
});

describe('grading', () => {
  const freeForm = { options: null, options_dict: null, answer_label: null, answer: 'X-ray (AP)' };

  test('the answer stands in a pattern as it is written', () => {
    const grading = { by: 'pattern', source: '^(an? )?{answer}$' } as const;
    expect(changed(freeForm, grading).items[0]?.question.grading).toEqual({
      by: 'pattern',
      source: '^(an? )?X-ray \\(AP\\)$',
    });
    const { source } = changed(freeForm, grading).items[0]?.question.grading as { source: string };
    expect(new RegExp(source, 'iu').test('an x-ray (ap)')).toBe(true);
  });

  test('a pattern that is none is named at its line', () => {
    expect(changed(freeForm, { by: 'pattern', source: '(' }).problems).toHaveLength(1);
  });

  test('synonyms go with the answers that they are of', () => {
    const groups = parseSynonyms('x-ray (ap) = radiograph, plain film\n\nalone\nkidney = renal');
    expect(groups).toEqual([
      ['x-ray (ap)', 'radiograph', 'plain film'],
      ['kidney', 'renal'],
    ]);
    const question = changed(freeForm, { by: 'synonyms', groups }).items[0]?.question;
    expect(question?.grading).toEqual({ by: 'synonyms', accepted: groups[0] });
    const other = { ...freeForm, answer: 'CT' };
    expect(changed(other, { by: 'synonyms', groups }).items[0]?.question.grading).toBeUndefined();
  });
});
