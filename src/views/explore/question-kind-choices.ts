/** The kinds of question in words. */

import type { QuestionKind } from '../../core/types.ts';

export const QUESTION_KIND_CHOICES: readonly {
  readonly value: QuestionKind;
  readonly label: string;
}[] = [
  { value: 'options', label: 'Which is it?' },
  { value: 'yes-no', label: 'Is it this? Yes or no' },
  { value: 'not', label: 'Which is it not?' },
  { value: 'free-form', label: 'Name it, without options' },
];
