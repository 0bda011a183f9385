/**
 * Several checkpoints on one item, in words: how many of K are right, checkpoint by checkpoint; what their
 * greedy answers are stands in the table. It never says what a stage did: one item cannot show that.
 */
import { formatProbability, formatUpperBound } from './format.ts';
import type { ItemSummary } from './item-summary.ts';
import { INFORMATIVE_CHANCE, passAtKExact } from './pass-at-k.ts';
import { seedSpreadSentence } from './seed-spread.ts';
import { rightText } from './support-sentence.ts';
import type { Question } from './types.ts';

/** What one checkpoint answered. */
export interface Side {
  readonly title: string;
  readonly summary: ItemSummary;
}

/**
 * `Right answers of 16: tiny-base 3 · tiny-sft 9`; with unlike n `tiny-base 3 of 16 · tiny-sft 2 of 5
 * right`; without a truth only that they differ in how they are distributed.
 */
export function sideBySideHeadline(sides: readonly Side[]): string {
  const [first] = sides;
  if (!first || first.summary.correctCount === null) return 'How the answers are distributed';
  const { n } = first.summary;
  const count = ({ title, summary }: Side): string => `${title} ${summary.correctCount ?? 0}`;
  return sides.every(({ summary }) => summary.n === n)
    ? `Right answers of ${n}: ${sides.map(count).join(' · ')}`
    : `${sides.map((side) => `${count(side)} of ${side.summary.n}`).join(' · ')} right`;
}

function listText(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Whether the truth was among the samples, by checkpoint. */
function seenText(sides: readonly Side[], question: Question): string {
  const known = sides.filter(({ summary }) => summary.support !== null && summary.n > 0);
  if (known.length === 0) return 'No truth is marked.';
  const titles = (seen: boolean): readonly string[] =>
    known.filter(({ summary }) => summary.support?.seen === seen).map(({ title }) => title);
  const seen = titles(true);
  const missed = titles(false);
  const truth = `The right answer, ${rightText(question)},`;
  if (missed.length === 0) return `${truth} is in the support of each of them.`;
  if (seen.length === 0) return `${truth} was seen in none of their samples.`;
  return `${truth} is in the support of ${listText(seen)}, not seen from ${listText(missed)}.`;
}

/** For whom the lower bound exceeds guessing and what wrong images give. */
function imageText(sides: readonly Side[]): string {
  const judged = sides.filter(
    ({ summary }) => (summary.support?.supportedByImage ?? null) !== null,
  );
  if (judged.length === 0) return '';
  const titles = (supported: boolean): readonly string[] =>
    judged
      .filter(({ summary }) => summary.support?.supportedByImage === supported)
      .map(({ title }) => title);
  const yes = titles(true);
  const no = titles(false);
  if (yes.length === 0) return `Not clearly supported by the image for ${listText(no)}.`;
  const unclear = no.length === 0 ? '' : `, not clearly for ${listText(no)}`;
  return `Supported by the image for ${listText(yes)}${unclear}.${doubtText(judged)}`;
}

/** For whom the wrong images, being few, could still give as much. */
function doubtText(judged: readonly Side[]): string {
  const rooms = judged.flatMap(({ title, summary: { support } }) => {
    if (!support?.supportedByImage || support.pBlind === null) return [];
    const { interval } = support.pBlind;
    return interval.upper < support.pCorrect.lower
      ? []
      : [`${formatUpperBound(interval.upper)} for ${title}`];
  });
  return rooms.length === 0
    ? ''
    : ` The wrong images are few, though, and leave room up to ${listText(rooms)}.`;
}

/** What guessing would reach at as many answers as there are. */
function chanceText(sides: readonly Side[]): string {
  const [first] = sides;
  const chance = first?.summary.support?.chance ?? null;
  if (!first || chance === null || first.summary.n === 0) return '';
  const reached = passAtKExact(chance, first.summary.n);
  const each = `Guessing alone is right ${formatProbability(chance)} of the time`;
  return reached > INFORMATIVE_CHANCE
    ? `${each}, and at least once in ${first.summary.n} with probability ${formatProbability(reached)}.`
    : `${each}.`;
}

/** Two to six short sentences about at least two checkpoints. */
export function sideBySideSentence(sides: readonly Side[], question: Question): string {
  return [seenText(sides, question), imageText(sides), chanceText(sides), seedSpreadSentence(sides)]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
