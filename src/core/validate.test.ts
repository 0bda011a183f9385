import { describe, expect, it } from 'vitest';
import { BLOOD_QUESTION, FREE_FORM_QUESTION, SAMPLER } from './record-fixture.ts';
import type { Question, SamplerSettings } from './types.ts';
import { validateQuestion, validateSampler } from './validate.ts';

const samplerFields = (changes: Partial<SamplerSettings>) =>
  validateSampler({ ...SAMPLER, ...changes }).map(({ field }) => field);
const questionFields = (changes: Partial<Question>, base = BLOOD_QUESTION) =>
  validateQuestion({ ...base, ...changes }).map(({ field }) => field);

describe('validateSampler', () => {
  it.each([
    ['k', [1, 3, 16, 1024], [0, 1025, 1.5, -1]],
    ['temperature', [0, 0.7, 5], [-0.01, 5.01]],
    ['topK', [0, 50, 100_000], [-1, 100_001, 2.5]],
    ['topP', [0.001, 0.9, 1], [0, 1.001, -1]],
    ['minP', [0, 0.5, 0.999], [1, -0.1]],
    ['maxNewTokens', [1, 2048, 4096], [0, 4097, 10.5]],
    ['seed', [0, 123, 4_294_967_295], [-1, 4_294_967_296, 0.5]],
  ] as const)('%s accepts %j and refuses %j', (field, good, bad) => {
    for (const value of good) expect(samplerFields({ [field]: value })).toEqual([]);
    for (const value of [...bad, NaN, Infinity, -Infinity]) {
      expect(samplerFields({ [field]: value })).toEqual([field]);
    }
  });

  it('reports each field in a plain sentence', () => {
    expect(validateSampler({ ...SAMPLER, k: 0, topP: 0 })).toEqual([
      { field: 'k', message: 'K must be a whole number from 1 to 1024.' },
      { field: 'topP', message: 'Top-p must be a number above 0 and at most 1 (off).' },
    ]);
  });
});

describe('validateQuestion', () => {
  it('allows a run without a marked truth', () => {
    expect(questionFields({})).toEqual([]);
    expect(questionFields({ correctOptions: [] })).toEqual([]);
    expect(questionFields({}, FREE_FORM_QUESTION)).toEqual([]);
    expect(questionFields({ referenceAnswer: null }, FREE_FORM_QUESTION)).toEqual([]);
  });

  it('finds empty and equal options', () => {
    expect(
      validateQuestion({ ...BLOOD_QUESTION, options: ['Cyst', 'stone', ' cYST ', ' '] }),
    ).toEqual([
      { field: 'options.2', message: 'Option C is the same as option A.' },
      { field: 'options.3', message: 'Option D is empty.' },
    ]);
    expect(questionFields({ options: ['left  lung', 'left lung'] })).toEqual(['options.1']);
    expect(questionFields({ options: ['', ''], correctOptions: [] })).toEqual([
      'options.0',
      'options.1',
    ]);
  });

  it('needs a text, and two to 26 options or none', () => {
    const options = (count: number) => Array.from({ length: count }, (_, i) => `option ${i}`);
    expect(questionFields({ text: ' \n' })).toEqual(['text']);
    expect(questionFields({ options: options(1), correctOptions: [] })).toEqual(['options']);
    expect(questionFields({ options: options(2) })).toEqual([]);
    expect(questionFields({ options: options(26) })).toEqual([]);
    expect(questionFields({ options: options(27) })).toEqual(['options']);
  });

  it('finds a truth that cannot be', () => {
    for (const correctOptions of [[4], [-1], [0.5], [1, 1], [0, 1, 2, 3]]) {
      expect(questionFields({ correctOptions })).toEqual(['correctOptions']);
    }
    expect(questionFields({ correctOptions: [0] }, FREE_FORM_QUESTION)).toEqual(['correctOptions']);
    expect(questionFields({ referenceAnswer: ' ? ' }, FREE_FORM_QUESTION)).toEqual([
      'referenceAnswer',
    ]);
  });
});
