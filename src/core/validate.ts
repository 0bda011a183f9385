/** Checks of what people type, one plain sentence per field. An empty list means all is well. */
import { MAX_OPTIONS, normalizeFreeForm, optionLetter } from './question.ts';
import type { Grading, Question, SamplerSettings } from './types.ts';

export interface FieldProblem {
  /** The field's name, with the index where there are several: `topP`, `options.2`. */
  readonly field: string;
  readonly message: string;
}

interface NumberRule {
  readonly field: keyof SamplerSettings;
  readonly accepts: (value: number) => boolean;
  readonly message: string;
}

const integerFrom = (min: number, max: number) => (value: number) =>
  Number.isInteger(value) && value >= min && value <= max;

export const SAMPLER_RULES: readonly NumberRule[] = [
  {
    field: 'k',
    accepts: integerFrom(1, 1024),
    message: 'K must be a whole number from 1 to 1024.',
  },
  {
    field: 'temperature',
    accepts: (value) => value >= 0 && value <= 5,
    message: 'The temperature must be a number from 0 (greedy) to 5.',
  },
  {
    field: 'topK',
    accepts: integerFrom(0, 100_000),
    message: 'Top-k must be a whole number from 0 (off) to 100000.',
  },
  {
    field: 'topP',
    accepts: (value) => value > 0 && value <= 1,
    message: 'Top-p must be a number above 0 and at most 1 (off).',
  },
  {
    field: 'minP',
    accepts: (value) => value >= 0 && value < 1,
    message: 'Min-p must be a number from 0 (off) to below 1.',
  },
  {
    field: 'maxNewTokens',
    accepts: integerFrom(1, 4096),
    message: 'The token limit must be a whole number from 1 to 4096.',
  },
  {
    field: 'seed',
    accepts: integerFrom(0, 2 ** 32 - 1),
    message: 'The seed must be a whole number from 0 to 4294967295.',
  },
];

/** NaN and infinities are out of every range. */
export function validateSampler(settings: SamplerSettings): readonly FieldProblem[] {
  return SAMPLER_RULES.filter(({ field, accepts }) => !accepts(settings[field])).map(
    ({ field, message }) => ({ field, message }),
  );
}

/** Two options are equal when they differ in blanks and case only. */
const optionKey = (option: string): string =>
  option.normalize('NFC').trim().replace(/\s+/gu, ' ').toLowerCase();

function optionProblems(options: readonly string[]): FieldProblem[] {
  if (options.length === 1) {
    return [{ field: 'options', message: 'One option is no choice: add a second, or remove it.' }];
  }
  if (options.length > MAX_OPTIONS) {
    const message = `There are ${options.length} options; the letters A to Z allow ${MAX_OPTIONS}.`;
    return [{ field: 'options', message }];
  }
  const keys = options.map(optionKey);
  return keys.flatMap((key, index) => {
    const field = `options.${index}`;
    const letter = optionLetter(index);
    if (key === '') return [{ field, message: `Option ${letter} is empty.` }];
    const first = keys.indexOf(key);
    if (first === index) return [];
    const message = `Option ${letter} is the same as option ${optionLetter(first)}.`;
    return [{ field, message }];
  });
}

function gradingProblems(grading: Grading | undefined): FieldProblem[] {
  if (grading?.by !== 'pattern') return [];
  try {
    return new RegExp(grading.source, 'iu').test('') ? [ANYTHING_MATCHES] : [];
  } catch {
    return [{ field: 'grading', message: 'The pattern is no regular expression.' }];
  }
}

const ANYTHING_MATCHES: FieldProblem = {
  field: 'grading',
  message: 'The pattern matches an empty answer, so it would take anything.',
};

function truthProblems({
  options,
  correctOptions,
  referenceAnswer,
  grading,
}: Question): FieldProblem[] {
  const field = 'correctOptions';
  if (correctOptions.some((index) => !integerFrom(0, options.length - 1)(index))) {
    return [{ field, message: 'A right option is marked that is not among the options.' }];
  }
  if (new Set(correctOptions).size < correctOptions.length) {
    return [{ field, message: 'A right option is marked twice.' }];
  }
  if (options.length > 0 && correctOptions.length === options.length) {
    return [{ field, message: 'Not every option can be right: there is nothing to get wrong.' }];
  }
  if (options.length === 0 && referenceAnswer !== null && !normalizeFreeForm(referenceAnswer)) {
    const message = 'The right answer needs a letter or a digit; leave it out if it is not known.';
    return [{ field: 'referenceAnswer', message }];
  }
  return gradingProblems(grading);
}

/** A question without a marked truth is allowed: its run shows the distribution only. */
export function validateQuestion(question: Question): readonly FieldProblem[] {
  const { text, options } = question;
  return [
    ...(text.trim() === '' ? [{ field: 'text', message: 'The question is empty.' }] : []),
    ...optionProblems(options),
    ...truthProblems(question),
  ];
}
