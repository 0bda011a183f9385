/** What a step from parent to child is said to be, and the rows behind it. Pure. */
import {
  CHANGE_RULES,
  changeEvidence,
  meets,
  type ChangeCondition,
  type ChangeEvidence,
  type ChangeVerdict,
} from '../../core/sets/change-verdict.ts';
import type { Comparison, SupportTable } from '../../core/sets/comparison.ts';
import type { SampledDistance } from '../../core/sets/distances.ts';
import { changeWords, estimateWords } from '../../core/sets/estimate-words.ts';
import { directionOf, type PairFigures } from '../../core/sets/pair-figures.ts';
import type { Estimate } from '../../core/sets/resampling.ts';
import type { SetFigures } from '../../core/sets/run-figures.ts';
import type { SupportChange } from '../../core/sets/support-change.ts';

const MEANINGS: Readonly<Record<ChangeVerdict, string>> = {
  learned:
    'it is right at once more often, and the image supports the right answer on more items than before.',
  sharpened:
    'it is right at once more often and scatters its answers less, without clear new support: it says first what it could already say.',
  widened:
    'the image supports the right answer on more items, but it is not clearly right at once more often.',
  collapsed:
    'its answers became fewer without being right at once more often: diversity was lost and nothing gained for it.',
  'no clear change':
    'the changes do not add up to learned, sharpened, widened or collapsed; more items may tell.',
};

/** The verdict as a sentence: `Sharpened: it is right at once …`. */
export function verdictSentence(verdict: ChangeVerdict, evidence: ChangeEvidence): string {
  const name = `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`;
  const meaning =
    evidence.accuracyAt1.value === null
      ? 'fewer than six items in common bear no verdict.'
      : MEANINGS[verdict];
  return verdict === 'no clear change'
    ? `${name}: ${meaning}${movedWords(evidence)}`
    : `${name}: ${meaning}`;
}

const FIGURE_NAMES: Readonly<Record<keyof ChangeEvidence, string>> = {
  accuracyAt1: 'A',
  entropyNats: 'answer entropy',
  imageSupport: 'image support',
  informativeSupport: 'S at the informative k',
  gap: 'G',
};
const FIGURES = Object.keys(FIGURE_NAMES) as readonly (keyof ChangeEvidence)[];

/** What did move, where that makes no verdict: ` Clear by itself: answer entropy down.` */
function movedWords(evidence: ChangeEvidence): string {
  const moved = FIGURES.flatMap((figure) => {
    const direction = directionOf(evidence[figure]);
    return direction === 'up' || direction === 'down'
      ? [`${FIGURE_NAMES[figure]} ${direction}`]
      : [];
  });
  return moved.length === 0 ? '' : ` Clear by itself: ${moved.join(', ')}.`;
}

/** One label of the rule and how far the evidence goes towards it. */
export interface LabelRow {
  readonly verdict: ChangeVerdict;
  readonly holds: boolean;
  readonly needs: readonly { readonly text: string; readonly met: boolean }[];
}

/** Why a condition is met or not: `A up: not clear, +0.01 (−0.02 to +0.05)`. */
function needWords(evidence: ChangeEvidence, condition: ChangeCondition): string {
  const { figure, must } = condition;
  const { [figure]: estimate } = evidence;
  const direction = directionOf(estimate);
  const need = `${FIGURE_NAMES[figure]} ${must}`;
  if (estimate.value === null) return `${need}: not known`;
  const isOpen = must !== 'not up' && direction === 'open';
  const answer = meets(evidence, condition) ? 'yes' : isOpen ? 'not clear' : 'no';
  return `${need}: ${answer}, ${changeWords(estimate)}`;
}

/** Which conditions of which label hold, in the order in which the labels are tried. */
export function labelRows(evidence: ChangeEvidence): readonly LabelRow[] {
  return CHANGE_RULES.map(({ verdict, needs }) => ({
    verdict,
    holds: needs.every((need) => meets(evidence, need)),
    needs: needs.map((need) => ({ text: needWords(evidence, need), met: meets(evidence, need) })),
  }));
}

/** How many items are paired, and how many were not. */
export function pairingWords(
  { pairs, unpairedParents, unpairedChildren }: Comparison,
  parent: string,
  child: string,
): string {
  const items = `${String(pairs)} ${pairs === 1 ? 'item' : 'items'} that both answered`;
  const rest = [
    ...(unpairedParents > 0 ? [`${String(unpairedParents)} of ${parent}`] : []),
    ...(unpairedChildren > 0 ? [`${String(unpairedChildren)} of ${child}`] : []),
  ];
  return rest.length === 0
    ? `${items}; none was left out.`
    : `${items}; left out, without a partner: ${rest.join(' and ')}.`;
}

/** A figure of both sides and its change. */
export interface ChangeRow {
  readonly id: string;
  readonly label: string;
  readonly parent: string;
  readonly child: string;
  readonly change: string;
  /** In words, so that the sign is not the only mark: `up`, `down`, `open` or `unknown`. */
  readonly direction: ReturnType<typeof directionOf>;
}

export interface EvidenceRow extends ChangeRow {
  readonly byChance: string;
}

export const DIRECTION_WORDS: Readonly<Record<ChangeRow['direction'], string>> = {
  up: '▲ up',
  down: '▼ down',
  open: 'open',
  unknown: '–',
};

interface RowSpec {
  readonly id: string;
  readonly label: string;
  readonly read: (figures: SetFigures) => Estimate | undefined;
  /** The T = 0 answer is the same under every seed. */
  readonly isGreedy?: boolean;
}

const ROWS: readonly RowSpec[] = [
  {
    id: 'accuracy',
    label: 'A, right at once (T = 0)',
    read: (figures) => figures.accuracyAt1,
    isGreedy: true,
  },
  {
    id: 'parsed',
    label: '… of it format: an answer that parses',
    read: (figures) => figures.parsedAt1,
    isGreedy: true,
  },
  {
    id: 'content',
    label: '… of it content: right among parsed',
    read: (figures) => figures.accuracyAmongParsed,
    isGreedy: true,
  },
  { id: 'entropy', label: 'Answer entropy, nats', read: (figures) => figures.entropyNats },
  { id: 'image', label: 'Supported by the image', read: (figures) => figures.imageSupport },
  { id: 'support', label: 'S at the informative k', read: (figures) => figures.informativeSupport },
  {
    id: 'gap',
    label: 'G = S − A at the largest k',
    read: (figures) =>
      figures.passAtK.findLast((point) => point.items.value === figures.items.value)?.gap,
  },
];

const MISSING: Estimate = { value: null, interval: null };

/** Over all sets: both sides, the change, and what the same change is by chance alone. */
export function evidenceRows({ paired, byChance }: Comparison): readonly EvidenceRow[] {
  return ROWS.map(({ isGreedy = false, ...row }) => ({
    ...changeRow(row, paired.all),
    byChance: isGreedy
      ? 'none: T = 0 has no seed'
      : byChance
        ? changeWords(row.read(byChance.all.change) ?? MISSING)
        : 'not drawn',
  }));
}

/** A figure that is not there is unknown on both sides. */
export function changeRow(
  { id, label, read }: Pick<RowSpec, 'id' | 'label' | 'read'>,
  { parent, child, change }: PairFigures,
): ChangeRow {
  const changed = read(change) ?? MISSING;
  return {
    ...{ id, label },
    parent: estimateWords(read(parent) ?? MISSING),
    child: estimateWords(read(child) ?? MISSING),
    change: changeWords(changed),
    direction: directionOf(changed),
  };
}

export interface VerdictRow {
  readonly dataset: string;
  readonly items: number;
  readonly verdict: ChangeVerdict;
  readonly changes: readonly string[];
  /** ΔS of the A/A null, or that there is none. */
  readonly byChance: string;
}

/** One row per set, by the columns of `VERDICT_COLUMNS`. */
export function verdictRows({ verdicts, byChance }: Comparison): readonly VerdictRow[] {
  return verdicts.flatMap(({ dataset, items, verdict, evidence }) => {
    if (dataset === null) return [];
    const nulls = byChance?.datasets.find((one) => one.dataset === dataset)?.figures.change;
    return [
      {
        ...{ dataset, items, verdict },
        changes: figuresOf(evidence).map(changeWords),
        byChance: nulls ? changeWords(changeEvidence(nulls).informativeSupport) : 'not drawn',
      },
    ];
  });
}

export const VERDICT_COLUMNS = ['ΔA', 'Δ entropy', 'Δ image support', 'ΔS', 'ΔG'] as const;

function figuresOf(evidence: ChangeEvidence): readonly Estimate[] {
  const { accuracyAt1, entropyNats, imageSupport, informativeSupport, gap } = evidence;
  return [accuracyAt1, entropyNats, imageSupport, informativeSupport, gap];
}

export const SUPPORT_CHANGES: readonly {
  readonly change: SupportChange;
  readonly meaning: string;
}[] = [
  { change: 'kept', meaning: 'in the support of both' },
  { change: 'lost', meaning: 'of the parent only' },
  { change: 'gained', meaning: 'of the child only' },
  { change: 'outside', meaning: 'of neither' },
  { change: 'undecided', meaning: 'too few samples to say' },
];

export function ruleWords({ rule }: SupportTable): string {
  return rule.by === 'k'
    ? `Within ${String(rule.k)} samples`
    : `P(right) ≥ ${String(rule.epsilon)}`;
}

/** How far apart the answers are, beside what shuffling and another seed give. */
export function distanceWords(distance: SampledDistance, byChance: SampledDistance | null): string {
  const { meanNats, nullMeanNats, nullUpperNats, pValue } = distance;
  const isFar = meanNats > nullUpperNats;
  const nulls = `shuffled answers are ${nullMeanNats.toFixed(3)} apart, 95 % of the shufflings below ${nullUpperNats.toFixed(3)}`;
  const seed = byChance
    ? `, and the parent under another seed is ${byChance.meanNats.toFixed(3)} from itself`
    : '';
  return (
    `The answers are ${meanNats.toFixed(3)} nats apart (Jensen–Shannon, at most 0.693): ` +
    `${isFar ? 'more than chance' : 'no more than chance'}, p = ${pValue.toFixed(3)}. By chance alone ${nulls}${seed}.`
  );
}

/** The child's first answer against a vote among the parent's samples. */
export function majorityWords({ paired }: Comparison, parent: string, child: string): string {
  const { beyondMajority, child: after, parent: before } = paired.all;
  const direction = directionOf(beyondMajority);
  const verdict =
    direction === 'up'
      ? `${child} is right more often than a vote of ${parent}: training did more than voting would.`
      : direction === 'down'
        ? `A vote of ${parent} is right more often than ${child}: training did less than voting would.`
        : `Training is not told apart from a vote among samples of ${parent}, which needs no training.`;
  return (
    `${verdict} ${child} at once ${estimateWords(after.accuracyAt1)}, the vote ` +
    `${estimateWords(before.majorityAccuracy)}, difference ${changeWords(beyondMajority)}.`
  );
}
