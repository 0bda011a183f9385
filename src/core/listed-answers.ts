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
import { letterAdded } from './answer-place.ts';
import type { Interval } from './intervals.ts';
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
 * @param answers that the server gave to one prompt, under whatever policy; whole ones only, as samples end
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

/** The list of one place: all that is computed of a place is of one list, or rounding could exceed 1. */
interface KnownPlace {
  readonly listed: readonly ListedToken[];
  readonly probabilities: readonly Interval[];
}

class ListedTree {
  readonly masses = new Map<string | null, number>();
  /** By the tokens in front of them. */
  private readonly places = new Map<string, KnownPlace>();
  /** Places and texts whose mass is counted. */
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
      const place = this.placeAt(path, step);
      if (this.reading === 'first-letter') {
        this.countLetters(place, { probability, text, path });
        if (letterAdded(text, step.text, this.letters) !== null) return;
      }
      probability *= lowerOf(step.text, place);
      text += step.added;
      path += `${step.text}\u0000`;
    }
    if (this.counted.has(`${path} whole`)) return;
    this.counted.add(`${path} whole`);
    this.count(parseAnswer(text, this.question).answer, probability);
  }

  private placeAt(path: string, { listed }: ListedStep): KnownPlace {
    const known = this.places.get(path);
    if (known) return known;
    const { probabilities } = listedPolicy(listed, this.settings);
    const place = { listed, probabilities };
    this.places.set(path, place);
    return place;
  }

  /** Every letter that is listed behind the tag, drawn or not. */
  private countLetters(
    { listed, probabilities }: KnownPlace,
    at: { readonly probability: number; readonly text: string; readonly path: string },
  ): void {
    if (this.counted.has(at.path)) return;
    this.counted.add(at.path);
    for (const [rank, { text: token }] of listed.entries()) {
      const letter = letterAdded(at.text, token, this.letters);
      if (letter !== null) this.count(letter, at.probability * (probabilities[rank]?.lower ?? 0));
    }
  }

  private count(answer: string | null, mass: number): void {
    this.masses.set(answer, (this.masses.get(answer) ?? 0) + mass);
  }
}

/** 0 for a token that is not listed, and where two tokens with one text are. */
function lowerOf(text: string, { listed, probabilities }: KnownPlace): number {
  const places = [...listed.keys()].filter((at) => listed[at]?.text === text);
  const [place] = places;
  return places.length === 1 && place !== undefined ? (probabilities[place]?.lower ?? 0) : 0;
}
