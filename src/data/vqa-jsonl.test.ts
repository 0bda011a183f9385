import { describe, expect, test } from 'vitest';
import { VqaReader, type VqaFile } from './vqa-jsonl.ts';

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

function readText(text: string, name: string): VqaFile {
  const reader = new VqaReader(name);
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() !== '') reader.add(at + 1, line);
  }
  return reader.file();
}
const changed = (change: object) => readText(JSON.stringify({ ...LINE, ...change }), 'set');

describe('a line of a VQA file', () => {
  test('as released', () => {
    expect(changed({}).items).toEqual([
      {
        line: 1,
        dataset: 'PMC-VQA',
        index: 17,
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
    ['another case', { answer_label: null, answer: 'Kidney' }],
    ['a number as text', { dataset_index: '17' }],
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
  const { items, problems } = readText(text, 'mine');
  expect(items.map(({ line, dataset, index }) => [line, dataset, index])).toEqual([
    [1, 'PMC-VQA', 17],
    [4, 'mine', 4],
  ]);
  expect(problems).toEqual([{ line: 3, message: 'This line is not valid JSON.' }]);
});

test('an item is there once, and what is no number gives way to the line', () => {
  const lines = [LINE, { ...LINE, question: 'Again?' }, { ...LINE, dataset_index: 'xmlab0/1' }];
  const { items, problems } = readText(lines.map((one) => JSON.stringify(one)).join('\n'), 'set');
  expect(items.map(({ line, index }) => [line, index])).toEqual([
    [1, 17],
    [3, 3],
  ]);
  expect(problems).toEqual([{ line: 2, message: 'PMC-VQA has an item 17 already, on line 1.' }]);
});

test('a line that was too long to be read is named', () => {
  const reader = new VqaReader('set');
  reader.add(7, null);
  expect(reader.file()).toEqual({
    items: [],
    problems: [{ line: 7, message: 'This line is too long to be read.' }],
  });
});
