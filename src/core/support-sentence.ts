/** The verdict on one item in plain words. Says what was seen and what it does not show. */
import { formatProbability, formatUpperBound } from './format.ts';
import type { ItemSummary } from './item-summary.ts';
import { INFORMATIVE_CHANCE, passAtKExact } from './pass-at-k.ts';
import { answerLabel, isMultipleChoice, rightAnswers } from './question.ts';
import type { SupportVerdict } from './support.ts';
import type { Question } from './types.ts';

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

/** `eosinophil`, `cyst or stone`, `any option but eosinophil`, `one of 7 right options`. */
export function rightText(question: Question): string {
  const right = rightAnswers(question);
  const { options } = question;
  const wrong = options.filter((_, index) => !question.correctOptions.includes(index));
  if (right.length > 1 && wrong.length === 1) return `any option but ${wrong.join('')}`;
  if (right.length > 3) return `one of ${right.length} right options`;
  if (!isMultipleChoice(question)) return question.referenceAnswer?.trim() ?? '';
  return right.map((answer) => answerLabel(answer, question)).join(' or ');
}

function nullsText(verdict: SupportVerdict): string {
  const { chance, pBlind } = verdict;
  const parts = [
    ...(chance === null ? [] : [`guessing alone gives ${formatProbability(chance)} per answer`]),
    ...(pBlind === null
      ? []
      : [`with a wrong image it would be ${formatProbability(pBlind.mean)}`]),
  ];
  return parts.map((part) => `; ${part}`).join('');
}

function seenText(verdict: SupportVerdict, right: string): string {
  const { n, c, k, pCorrect } = verdict;
  const lower = formatProbability(pCorrect.lower);
  const upper = formatProbability(pCorrect.upper);
  const where = n < k ? `after ${n} of ${k} samples` : `at K = ${n}`;
  const answers = plural(n, 'answer', 'answers');
  return `The right answer, ${right}, is in the support ${where}: ${c} of ${answers} (95 % interval ${lower}–${upper}${nullsText(verdict)}).`;
}

function notSeenText(verdict: SupportVerdict, right: string): string {
  const { n, k, pCorrect } = verdict;
  const samples = n < k ? `${n} of ${k} samples` : plural(n, 'sample', 'samples');
  const bound = formatUpperBound(pCorrect.upper);
  return `The right answer, ${right}, was not seen in ${samples}; with 95 % confidence its share is below ${bound}${nullsText(verdict)}.`;
}

/** What guessing would reach at as many answers as there are. */
function chanceText(verdict: SupportVerdict): string | null {
  const { chance, n, k } = verdict;
  if (chance === null) return null;
  const atN = passAtKExact(chance, n);
  if (atN <= INFORMATIVE_CHANCE) return null;
  const where = n < k ? `in ${plural(n, 'answer', 'answers')}` : 'at this K';
  return `Guessing alone would reach it ${where} with probability ${formatProbability(atN)}.`;
}

/** The verdict "supported by the image", or what is missing for it. */
function imageText({ pBlind, chance, pCorrect, seen }: SupportVerdict): string | null {
  if (pBlind === null || !seen) return null;
  const lower = formatProbability(pCorrect.lower);
  const { mean, interval, images } = pBlind;
  const blind = `what ${images} wrong images give`;
  const isAboveChance = chance === null || pCorrect.lower > chance;
  if (pCorrect.lower <= mean || !isAboveChance) {
    const missing = [
      ...(isAboveChance ? [] : ['guessing']),
      ...(pCorrect.lower > mean ? [] : [blind]),
    ].join(' or ');
    return `Not clearly supported by the image: the lower bound, ${lower}, does not exceed ${missing}.`;
  }
  const exceeded = chance === null ? blind : `both guessing and ${blind}`;
  const doubt =
    interval.upper < pCorrect.lower
      ? ''
      : `, although so few leave room up to ${formatUpperBound(interval.upper)}`;
  return `Supported by the image: the lower bound, ${lower}, exceeds ${exceeded}${doubt}.`;
}

function secondSeedText({ nulls }: ItemSummary): string | null {
  const second = nulls?.secondSeed ?? null;
  if (second === null || second.correctCount === null) return null;
  return `With another seed it is ${second.correctCount} of ${second.tally.n}.`;
}

function greedyText(summary: ItemSummary, question: Question): string | null {
  const { greedyAnswer, greedyCorrect } = summary;
  if (!greedyAnswer) return null;
  if (greedyAnswer.answer === null) return 'The greedy text gives no readable answer.';
  const label = answerLabel(greedyAnswer.answer, question);
  if (greedyCorrect === null) return `The greedy answer is ${label}.`;
  return greedyCorrect ? 'The greedy answer is right.' : `The greedy answer, ${label}, is wrong.`;
}

function distributionText(summary: ItemSummary): string {
  const { n, k, tally, uniqueAnswers } = summary;
  const samples = n < k ? `${n} of ${k} samples` : plural(n, 'sample', 'samples');
  const answers = plural(uniqueAnswers, 'different answer', 'different answers');
  const parsed = tally.outcomes.filter(({ answer, count }) => answer !== null && count > 0);
  const most = parsed.filter(({ count }) => count === parsed[0]?.count);
  const labels = most.map(({ label }) => label).join(' and ');
  const often = parsed[0] ? `, most often ${labels} (${parsed[0].count} of ${n})` : '';
  return `No truth is marked: ${answers} in ${samples}${often}.`;
}

function unreadableText({ n, tally }: ItemSummary): string | null {
  const count = tally.answers.filter(({ answer }) => answer === null).length;
  return count === 0 ? null : `${count} of ${n} samples gave no readable answer.`;
}

/**
 * The support verdict as one to six short sentences, e.g. "The right answer, eosinophil, is in
 * the support at K = 16: 11 of 16 answers (95 % interval 0.44–0.86; guessing alone gives 0.25 per
 * answer). The greedy answer is right." Without a marked truth it tells the distribution only.
 * "Below x" is the upper end of the two-sided Wilson interval, rounded up.
 */
export function supportSentence(summary: ItemSummary, question: Question): string {
  const { support, n } = summary;
  const right = rightText(question);
  const verdict = (): string => {
    if (n === 0) return 'No samples yet.';
    if (support === null) return distributionText(summary);
    return support.seen ? seenText(support, right) : notSeenText(support, right);
  };
  const notes =
    n === 0 || support === null
      ? []
      : [chanceText(support), imageText(support), secondSeedText(summary)];
  const unreadable = unreadableText(summary);
  return [verdict(), ...notes, unreadable, greedyText(summary, question)]
    .filter((sentence) => sentence !== null)
    .join(' ');
}
