/**
 * One item of a set as its figures need it: what was asked, and for each draw of K answers the counts
 * and flags that every metric of a run is a function of. Small enough to keep ten thousand of them.
 */
import { answerEntropy } from '../entropy.ts';
import { majorityCredit } from '../item-summary.ts';
import { wrongImagesSummary } from '../null-summary.ts';
import { hasAnswerTag, isCorrect, parseAnswer } from '../parser.ts';
import { answerLabel, isRight, rightAnswers } from '../question.ts';
import { supportVerdict } from '../support.ts';
import { tallyAnswers } from '../tally.ts';
import type { ImageSource, ItemRecord, Question, Sample, Split } from '../types.ts';

/** Name of the group of items that belong to no set. */
export const NO_DATASET = 'own images';

/** K answers of one checkpoint to one item. */
export interface DrawFigures {
  /** Samples, of which c are right. */
  readonly n: number;
  readonly c: number;
  /** Place of the first right sample, from 0; `null` when none is right. */
  readonly firstRight: number | null;
  /** Of the first half of the samples (rounded down): the other half is independent of it. */
  readonly firstHalf: { readonly n: number; readonly c: number };
  /** Samples by answer, largest first; `null` is unparsed. Only answers that were given. */
  readonly counts: readonly (readonly [answer: string | null, count: number])[];
  /** Plug-in and Miller–Madow, nats; unparsed is an outcome. */
  readonly entropyNats: number;
  readonly millerMadowNats: number;
  /** Credit of the plurality vote, 0 … 1. */
  readonly majorityCorrect: number;
  /** None of the samples has an `<answer>` tag. */
  readonly formatFailure: boolean;
  /** Supported by the image; `null` without the wrong-image null. */
  readonly supportedByImage: boolean | null;
}

export interface ItemFigures {
  readonly itemId: string;
  /** Image and question, without the prompt round it: only what is equal in both is compared. */
  readonly questionKey: string;
  /** MedMNIST id or the set's name: figures are grouped by it. */
  readonly dataset: string;
  readonly split: Split | null;
  /** Options m (0 for free-form), of which `rightOptions` are right. */
  readonly options: number;
  readonly rightOptions: number;
  /** The right answer in words and the greedy one (`null` unparsed): classes of the macro-F1. */
  readonly rightLabel: string;
  readonly greedyLabel: string | null;
  readonly greedyCorrect: boolean;
  /** Mean P(right) with wrong images; `null` when it was not measured. */
  readonly pBlind: number | null;
  readonly draw: DrawFigures;
  /** The A/A null: the same with another seed; `null` when it was not drawn. */
  readonly second: DrawFigures | null;
}

/**
 * The figures of a record.
 *
 * @returns `null` when it cannot count: no truth is marked, or the greedy answer or samples are missing
 */
export function itemFigures(record: ItemRecord): ItemFigures | null {
  const { question, greedy, samples, sampler, image, nulls } = record;
  const right = rightAnswers(question);
  if (right.length === 0 || greedy === null || samples.length === 0) return null;
  const wrongImages = nulls?.wrongImages.drawn ?? null;
  const parsed = parseAnswer(greedy.text, question);
  const options = question.options.length;
  const shared = {
    question,
    k: sampler.k,
    options,
    rightOptions: options === 0 ? 0 : right.length,
    pBlind: wrongImages && (wrongImagesSummary(question, wrongImages)?.pBlind ?? null),
  };
  const rightLabel =
    options === 0
      ? (right[0] ?? '')
      : right.map((answer) => answerLabel(answer, question)).join(' / ');
  const second = nulls?.secondSeed.drawn?.samples ?? [];
  return {
    itemId: record.itemId,
    questionKey: questionKey(question, image),
    dataset: image.dataset ?? NO_DATASET,
    split: image.split,
    options,
    rightOptions: shared.rightOptions,
    rightLabel,
    greedyLabel: labelOf(parsed.answer, question, rightLabel),
    greedyCorrect: isCorrect(parsed, question) === true,
    pBlind: shared.pBlind?.mean ?? null,
    draw: drawFigures(samples, shared),
    second: second.length === 0 ? null : drawFigures(second, shared),
  };
}

/** In free form whatever counts as right is of the reference's class. */
function labelOf(answer: string | null, question: Question, rightLabel: string): string | null {
  if (answer === null) return null;
  const isOther = question.options.length > 0 || isRight(answer, question) !== true;
  return isOther ? answerLabel(answer, question) : rightLabel;
}

/** Equal for equal pixels and equal questions, the order of the options included. */
export function questionKey(question: Question, { sha256 }: ImageSource): string {
  const { text, options, grading } = question;
  return JSON.stringify([sha256, text, options, rightAnswers(question), grading ?? null]);
}

interface Asked {
  readonly question: Question;
  readonly k: number;
  readonly options: number;
  readonly rightOptions: number;
  readonly pBlind: Parameters<typeof supportVerdict>[0]['pBlind'];
}

function drawFigures(samples: readonly Sample[], asked: Asked): DrawFigures {
  const { question, k, options, rightOptions, pBlind } = asked;
  const tally = tallyAnswers(samples, question);
  const { n } = tally;
  const right = new Set(
    tally.outcomes.filter(({ correct }) => correct === true).map(({ answer }) => answer),
  );
  const flags = tally.answers.map(({ answer }) => right.has(answer));
  const c = flags.filter(Boolean).length;
  const counts = tally.outcomes
    .filter(({ count }) => count > 0)
    .map(({ answer, count }) => [answer, count] as const);
  const entropy = answerEntropy(
    counts.map(([, count]) => count),
    options,
  );
  const first = flags.indexOf(true);
  const half = Math.floor(n / 2);
  return {
    n,
    c,
    firstRight: first < 0 ? null : first,
    firstHalf: { n: half, c: flags.slice(0, half).filter(Boolean).length },
    counts,
    entropyNats: entropy?.plugInNats ?? 0,
    millerMadowNats: entropy?.millerMadowNats ?? 0,
    majorityCorrect: majorityCredit(tally) ?? 0,
    formatFailure: !samples.some(({ text }) => hasAnswerTag(text)),
    supportedByImage: supportVerdict({ n, c, k, options, rightOptions, pBlind }).supportedByImage,
  };
}
