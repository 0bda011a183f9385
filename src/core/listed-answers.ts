/**
 * Bounds on the answer distribution from a server, which lists a few alternatives for every token that it
 * draws. The answers that it gave are the explored texts: each token's probability has a lower bound from
 * its listing, a text's is their product, and everything else is residual.
 *
 * In direct mode the answer is decided by its first token, nearly. `first-letter` takes that as given and
 * reads every letter that is listed behind `<answer>`, drawn or not: with one answer the distribution
 * over the options, where `whole-text` needs an answer for each of them.
 */

import { answerBounds, type AnswerBounds } from './answer-bounds.ts';
import { listedPolicy, type ListedToken } from './listed-policy.ts';
import { parseAnswer } from './parser.ts';
import { optionLetters } from './question.ts';
import type { PolicySettings, Question } from './types.ts';

/** One drawn token, and what was listed in its place. */
export interface ListedStep {
  /** As the list writes it: one that ends the text has a name there. */
  readonly text: string;
  /** What it added to the text. */
  readonly added: string;
  readonly listed: readonly ListedToken[];
}

/** One answer up to the token that ended it. */
export type ListedAnswer = readonly ListedStep[];

export type AnswerReading =
  /** The text as the parser reads it: certain. */
  | 'whole-text'
  /** The first token behind `<answer>`, where it is an option's letter: what else would follow is left out. */
  | 'first-letter';

/**
 * @param answers that the server gave to one prompt, under whatever policy; whole ones only
 * @param settings the policy that the bounds are of
 * @throws RangeError for listings that are no probabilities
 */
export function listedAnswerBounds(
  answers: readonly ListedAnswer[],
  settings: PolicySettings,
  question: Question,
  reading: AnswerReading,
): AnswerBounds {
  const tree = new ListedTree(settings, question, reading);
  for (const answer of answers) tree.add(answer);
  return answerBounds(tree.masses, question);
}

const OPENING_TAG = '<answer>';

class ListedTree {
  readonly masses = new Map<string | null, number>();
  /** Prefixes and texts whose mass is counted. */
  private readonly counted = new Set<string>();
  private readonly letters: ReadonlySet<string>;

  constructor(
    private readonly settings: PolicySettings,
    private readonly question: Question,
    private readonly reading: AnswerReading,
  ) {
    this.letters = new Set(optionLetters(question));
  }

  add(answer: ListedAnswer): void {
    let probability = 1;
    let text = '';
    let path = '';
    for (const step of answer) {
      const { probabilities } = listedPolicy(step.listed, this.settings);
      const isAnswer = this.reading === 'first-letter' && text.trimEnd().endsWith(OPENING_TAG);
      if (isAnswer && !this.counted.has(path)) {
        this.counted.add(path);
        for (const [at, { text: token }] of step.listed.entries()) {
          const letter = this.letterOf(token);
          const mass = probability * (probabilities[at]?.lower ?? 0);
          if (letter !== null) this.count(letter, mass);
        }
      }
      if (isAnswer && this.letterOf(step.text) !== null) return;
      probability *= lowerOf(step, probabilities);
      text += step.added;
      path += `${step.text}\u0000`;
    }
    if (this.counted.has(`${path} whole`)) return;
    this.counted.add(`${path} whole`);
    this.count(parseAnswer(text, this.question).answer, probability);
  }

  private letterOf(token: string): string | null {
    const letter = token.trim().toUpperCase();
    return this.letters.has(letter) ? letter : null;
  }

  private count(answer: string | null, mass: number): void {
    this.masses.set(answer, (this.masses.get(answer) ?? 0) + mass);
  }
}

/** 0 for a token that is not listed, and where two tokens with one text are. */
function lowerOf(
  { text, listed }: ListedStep,
  probabilities: readonly { readonly lower: number }[],
): number {
  const places = [...listed.keys()].filter((at) => listed[at]?.text === text);
  const [place] = places;
  return places.length === 1 && place !== undefined ? (probabilities[place]?.lower ?? 0) : 0;
}
