/** Kinds of questions for the screens, which do not know how questions are made. */

import type { Question, QuestionKind } from '../core/types.ts';
import { kindOfQuestion } from '../data/questions.ts';

/** Of a question as a record has it. */
export const questionKind = (question: Question): QuestionKind => kindOfQuestion(question);
