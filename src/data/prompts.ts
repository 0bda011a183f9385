/**
 * The user turn, before any chat template. The wording is in `prompts.json`, which the training
 * reads too, and carries a version that is stored with every sample.
 */
import type { PromptMode, Question } from '../core/types.ts';
import wording from './prompts.json';

export interface Prompt {
  readonly text: string;
  /** Version of the wording. */
  readonly version: string;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const HINT_SLOT = '{hint}';

function optionLine(option: string, index: number): string {
  const letter = LETTERS[index];
  if (letter === undefined) {
    throw new RangeError(`A question can have at most ${LETTERS.length} options.`);
  }
  return `${letter}. ${option}`;
}

/**
 * @param hint used in `hinted` mode only, which is the think prompt after the hint
 * @throws RangeError for `hinted` without a hint, or more than 26 options
 */
export function buildPrompt(question: Question, mode: PromptMode, hint: string | null): Prompt {
  const instructions = wording.instructions[mode === 'direct' ? 'direct' : 'think'];
  const isFreeForm = question.options.length === 0;
  const parts = [question.text];
  if (!isFreeForm) {
    parts.push([wording.optionsHeading, ...question.options.map(optionLine)].join('\n'));
  }
  parts.push(isFreeForm ? instructions.freeForm : instructions.options);
  const text = parts.join('\n\n');
  if (mode !== 'hinted') return { text, version: wording.version };
  if (hint === null || hint.trim() === '') throw new RangeError('A hinted prompt needs a hint.');
  // split/join, because `$&` in a user's hint means something to String.replace
  return { text: wording.hint.split(HINT_SLOT).join(hint) + text, version: wording.version };
}
