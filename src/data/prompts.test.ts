import { describe, expect, it } from 'vitest';
import type { Question } from '../core/types.ts';
import { buildPrompt } from './prompts.ts';

const TEXT = 'Which blood cell is shown in this microscope image?';
const options: Question = {
  text: TEXT,
  options: ['platelet', 'monocyte'],
  correctOptions: [0],
  referenceAnswer: null,
};
const freeForm: Question = {
  text: TEXT,
  options: [],
  correctOptions: [],
  referenceAnswer: 'platelet',
};
const HINT = 'look at $& the {hint}';
const OPTION_LINES = 'Options:\nA. platelet\nB. monocyte';
const THINK_OPTIONS =
  'Think inside <think></think>, then give only the option letter inside <answer></answer>.';
const THINK_FREE =
  'Think inside <think></think>, then give only the short final answer inside <answer></answer>.';

// recipes/train/prompts.py: user_prompt(Question(TEXT, ["platelet", "monocyte"] or None, mode, HINT))
const CASES = [
  [options, 'think', `${TEXT}\n\n${OPTION_LINES}\n\n${THINK_OPTIONS}`],
  [freeForm, 'think', `${TEXT}\n\n${THINK_FREE}`],
  [
    options,
    'direct',
    `${TEXT}\n\n${OPTION_LINES}\n\nGive only the option letter inside <answer></answer>.`,
  ],
  [freeForm, 'direct', `${TEXT}\n\nGive only the short final answer inside <answer></answer>.`],
  [options, 'hinted', `Hint: ${HINT}\n\n${TEXT}\n\n${OPTION_LINES}\n\n${THINK_OPTIONS}`],
  [freeForm, 'hinted', `Hint: ${HINT}\n\n${TEXT}\n\n${THINK_FREE}`],
] as const;

describe('the prompt', () => {
  it.each(CASES)('is what the training builds (%#)', (question, mode, text) => {
    expect(buildPrompt(question, mode, HINT)).toEqual({ text, version: 'supportlens-1' });
  });

  it('needs a hint in hinted mode only', () => {
    expect(() => buildPrompt(options, 'hinted', null)).toThrow('needs a hint');
    expect(() => buildPrompt(options, 'hinted', '  ')).toThrow(RangeError);
    expect(buildPrompt(options, 'think', null).text).not.toContain('Hint');
  });

  it('has letters for 26 options and not for 27', () => {
    const many = (count: number): Question => ({
      ...options,
      options: Array.from({ length: count }, (_, i) => `o${i}`),
    });
    expect(buildPrompt(many(26), 'think', null).text).toContain('\nZ. o25\n\n');
    expect(() => buildPrompt(many(27), 'think', null)).toThrow('at most 26');
  });
});
