import { expect, test } from 'vitest';
import { QuestionDraft } from './question-draft.svelte.ts';

const QUESTION = {
  text: 'What is shown?',
  options: [],
  correctOptions: [],
  referenceAnswer: 'liver',
  grading: { by: 'pattern', source: '^(the )?liver$' },
} as const;

test('the grading of an answer goes when another answer is right', () => {
  const draft = new QuestionDraft();
  draft.ask(QUESTION);
  draft.edit({ ...QUESTION, text: 'Which organ is shown?' });
  expect(draft.question.grading).toEqual(QUESTION.grading);
  draft.edit({ ...draft.question, referenceAnswer: 'kidney' });
  expect(draft.question).not.toHaveProperty('grading');
  expect(draft.question).toMatchObject({ referenceAnswer: 'kidney' });
});

test('the question of one image is not asked of another that brings none along', () => {
  const draft = new QuestionDraft();
  draft.ask({ ...QUESTION, options: ['liver', 'kidney'], correctOptions: [0] });
  draft.askByHand('options');
  expect(draft.question).toMatchObject({ text: '', options: ['', ''], correctOptions: [] });
  expect(draft.isBlank).toBe(true);
});

test('empty fields are no error before something was typed into them or a run was tried', () => {
  const draft = new QuestionDraft();
  draft.askByHand('options');
  expect(draft.problems).toHaveLength(3);
  expect(draft.shownProblems).toEqual([]);
  draft.edit({ options: ['cyst', 'Cyst', ''] });
  expect(draft.shownProblems.map(({ field }) => field)).toEqual(['options.1']);
  draft.tried();
  expect(draft.shownProblems).toEqual(draft.problems);
});

test('a question by hand stays for the next image, without its right answer', () => {
  const draft = new QuestionDraft();
  draft.askByHand('options');
  draft.edit({ text: 'Which organ is it?', options: ['liver', 'kidney'], correctOptions: [1] });
  expect(draft.isWhole).toBe(true);
  draft.askByHand('options');
  expect(draft.question).toMatchObject({
    text: 'Which organ is it?',
    options: ['liver', 'kidney'],
    correctOptions: [],
  });
  expect(draft.isWhole).toBe(false);
});
