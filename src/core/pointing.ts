/** What a person points at in a result, and which samples of each checkpoint that is. Pure. */

import { isCorrect } from './parser.ts';
import type { Question, Sample } from './types.ts';

/** Words for what is pointed at. */
export interface Readout {
  /** Whose it is: a checkpoint, or several. */
  readonly title: string;
  readonly label: string;
  /** e.g. `11 of 16 samples (0.69)`. */
  readonly facts: readonly string[];
  /** At a fork: what else was drawn there, largest share first. */
  readonly alternatives: readonly Alternative[];
  /** The same in the other checkpoints, e.g. `tiny-rl 16 of 16`. */
  readonly others: readonly string[];
}

export interface Alternative {
  readonly text: string;
  /** Of the samples that reach the fork. */
  readonly share: number;
  /** Of its next token, under the policy as sampled; `null` where it is not known. */
  readonly probability: number | null;
}

export type PointTarget =
  /** The samples with one answer. */
  | { readonly kind: 'answer'; readonly checkpointId: string; readonly answer: string | null }
  /** One sample; of the other checkpoints those with its answer. */
  | { readonly kind: 'sample'; readonly checkpointId: string; readonly index: number }
  /** The samples that begin like this one, up to and with the token at `place`. */
  | {
      readonly kind: 'token';
      readonly checkpointId: string;
      readonly index: number;
      readonly place: number;
    }
  /** A point of Pass@k: the samples that are right. */
  | { readonly kind: 'pass'; readonly k: number }
  /** A band of the river: whoever drew it knows its samples and its words. */
  | {
      readonly kind: 'band';
      readonly checkpointId: string;
      readonly mark: string;
      readonly samples: Readonly<Record<string, readonly number[]>>;
      readonly readout: Readout;
    };

/** `Sample.index` of what is pointed at, by checkpoint id; each checkpoint has a set. */
export type Lit = ReadonlyMap<string, ReadonlySet<number>>;

/** One checkpoint's samples with what was read in them. */
export interface PointedRecord {
  readonly id: string;
  readonly question: Question;
  readonly samples: readonly Sample[];
  /** Parsed answer by `Sample.index`. */
  readonly answersOf: ReadonlyMap<number, string | null>;
}

export function litSamples(target: PointTarget, records: readonly PointedRecord[]): Lit {
  const choose = chooserOf(target, records);
  return new Map(
    records.map((record) => [
      record.id,
      new Set(
        record.samples.filter((sample) => choose(record, sample)).map(({ index }) => index),
      ) as ReadonlySet<number>,
    ]),
  );
}

type Chooser = (record: PointedRecord, sample: Sample) => boolean;

function chooserOf(target: PointTarget, records: readonly PointedRecord[]): Chooser {
  const own = (id: string): PointedRecord | undefined => records.find((one) => one.id === id);
  switch (target.kind) {
    case 'answer':
      return ({ answersOf }, { index }) => answersOf.get(index) === target.answer;
    case 'sample': {
      const answer = own(target.checkpointId)?.answersOf.get(target.index);
      return ({ id, answersOf }, { index }) =>
        id === target.checkpointId ? index === target.index : answersOf.get(index) === answer;
    }
    case 'token': {
      const texts = own(target.checkpointId)?.samples.find(
        ({ index }) => index === target.index,
      )?.tokenTexts;
      const length = target.place + 1;
      return (_, { tokenTexts }) => texts !== undefined && sharesStart(texts, tokenTexts, length);
    }
    case 'pass':
      return ({ answersOf, question }, { index }) =>
        isCorrect({ rule: 'unparsed', answer: answersOf.get(index) ?? null }, question) === true;
    case 'band': {
      const sets = new Map(Object.entries(target.samples).map(([id, all]) => [id, new Set(all)]));
      return ({ id }, { index }) => sets.get(id)?.has(index) === true;
    }
  }
}

/** Text, not ids, as in the river: checkpoints with different tokenizers share words. */
const sharesStart = (a: readonly string[], b: readonly string[], length: number): boolean =>
  b.length >= length && a.slice(0, length).every((text, at) => b[at] === text);

export interface TokenFork {
  readonly text: string;
  /** Samples of this checkpoint that come to this token, and those that draw it. */
  readonly reaching: number;
  readonly drawing: number;
  /** ln p as sampled; `null` where it is not known. */
  readonly logProb: number | null;
  readonly alternatives: readonly Alternative[];
}

/** What one checkpoint's samples do at a token of one of them; `null` when there is no such token. */
export function tokenFork(
  { samples }: PointedRecord,
  index: number,
  place: number,
): TokenFork | null {
  const sample = samples.find((one) => one.index === index);
  const text = sample?.tokenTexts[place];
  if (!sample || text === undefined) return null;
  const reaching = samples.filter(
    ({ tokenTexts }) =>
      sharesStart(sample.tokenTexts, tokenTexts, place) && tokenTexts.length > place,
  );
  const groups = new Map<string, Sample[]>();
  for (const one of reaching) {
    const next = one.tokenTexts[place] ?? '';
    groups.set(next, [...(groups.get(next) ?? []), one]);
  }
  const alternatives = [...groups]
    .filter(([next]) => next !== text)
    .map(([next, members]) => ({
      text: next,
      share: members.length / reaching.length,
      probability: probabilityOf(members[0]?.logProbs?.[place]),
    }))
    .sort((a, b) => b.share - a.share);
  return {
    text,
    reaching: reaching.length,
    drawing: groups.get(text)?.length ?? 0,
    logProb: sample.logProbs?.[place] ?? null,
    alternatives,
  };
}

const probabilityOf = (logProb: number | undefined): number | null =>
  logProb === undefined ? null : Math.min(1, Math.exp(logProb));
