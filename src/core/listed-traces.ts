/**
 * The answer distributions behind samples of a server, from what it listed where each sample's letter
 * stands (Rao–Blackwell, docs/decisions/0009). Followed are the listed tokens that are an option's letter:
 * which those are, and in what proportion, is certain however much was not listed, because what was not
 * takes the same share of each.
 */

import { isBehindTag, letterAdded } from './answer-place.ts';
import type { ListedAnswer, ListedStep } from './listed-answers.ts';
import { listedPolicy } from './listed-policy.ts';
import { parseAnswer } from './parser.ts';
import { optionLetters } from './question.ts';
import type { PolicySettings, Question, Sample, TraceAnswer, TraceAnswers } from './types.ts';

export interface ListedSample {
  readonly sample: Sample;
  /** Its tokens with their lists, as many as the sample has. */
  readonly answer: ListedAnswer;
}

interface Place {
  readonly traceTokens: number;
  readonly before: string;
  readonly path: string;
  readonly step: ListedStep;
  /** What the sample drew there; `null` for a token that is no option's letter. */
  readonly letter: string | null;
}

/**
 * @param policy that the samples were drawn under, where the lists are of the model at T = 1; lists that
 *   are of the policy itself have one that changes nothing
 * @returns a trace each for those that reach `<answer>`, by first sample; samples of the same tokens share it
 */
export function listedTraces(
  listed: readonly ListedSample[],
  policy: PolicySettings,
  question: Question,
  branchFloor: number,
): readonly TraceAnswers[] {
  const letters = new Set(optionLetters(question));
  const traces = new Map<string, { place: Place; members: { index: number; votes: boolean }[] }>();
  for (const { sample, answer } of listed.toSorted((a, b) => a.sample.index - b.sample.index)) {
    const place = letterPlace(answer, letters);
    if (place === null) continue;
    const trace = traces.get(place.path) ?? { place, members: [] };
    traces.set(place.path, trace);
    const { letter } = place;
    // A letter that more letters follow is no answer: such a sample keeps what its text says.
    const isRead = letter !== null && parseAnswer(sample.text, question).answer === letter;
    const votes = isRead && follows(trace.place, place.step.text, policy, branchFloor);
    trace.members.push({ index: sample.index, votes });
  }
  return [...traces.values()].map(({ place, members }): TraceAnswers => {
    const answers = answersAt(place, { letters, policy, branchFloor });
    const followed = answers.reduce((sum, { probability }) => sum + probability, 0);
    return {
      traceTokens: place.traceTokens,
      sampleIndexes: members.map(({ index }) => index),
      belowFloorIndexes: members.flatMap(({ index, votes }) => (votes ? [] : [index])),
      answers,
      unresolvedMass: Math.max(0, 1 - followed),
    };
  });
}

/** Where the letter was drawn, else where `<answer>` was first open; `null` without either. */
function letterPlace(answer: ListedAnswer, letters: ReadonlySet<string>): Place | null {
  let before = '';
  let path = '';
  let opened: Place | null = null;
  for (const [traceTokens, step] of answer.entries()) {
    const letter = letterAdded(before, step.text, letters);
    const place = { traceTokens, before, path, step, letter };
    // A trace has at least one token.
    if (letter !== null) return traceTokens > 0 ? place : null;
    if (isBehindTag(before)) opened ??= place;
    before += step.added;
    path += `${step.text}\u0000`;
  }
  return opened;
}

const lowersAt = ({ listed }: ListedStep, policy: PolicySettings, floor: number) => {
  const { probabilities } = listedPolicy(listed, policy);
  return listed.map(({ text }, at) => {
    const lower = probabilities[at]?.lower ?? 0;
    return { text, lower: lower >= floor ? lower : 0 };
  });
};

const follows = ({ step }: Place, token: string, policy: PolicySettings, floor: number): boolean =>
  lowersAt(step, policy, floor).some(({ text, lower }) => text === token && lower > 0);

function answersAt(
  { before, step }: Place,
  {
    letters,
    policy,
    branchFloor,
  }: {
    readonly letters: ReadonlySet<string>;
    readonly policy: PolicySettings;
    readonly branchFloor: number;
  },
): readonly TraceAnswer[] {
  const masses = new Map<string, number>();
  for (const { text, lower } of lowersAt(step, policy, branchFloor)) {
    const letter = letterAdded(before, text, letters);
    if (letter !== null && lower > 0) masses.set(letter, (masses.get(letter) ?? 0) + lower);
  }
  return [...masses]
    .map(([answer, probability]) => ({ answer, probability }))
    .sort((a, b) => b.probability - a.probability);
}
