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
