/** Simulated items for tests: records whose answers are drawn, read as real ones. Not imported by the app. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { optionLetter } from '../question.ts';
import { nullsOf, recordOf, sampleOf } from '../record-fixture.ts';
import type { ItemRecord } from '../types.ts';
import { itemFigures, type ItemFigures } from './item-figures.ts';
import { randomBelow } from './random-below.ts';
import type { Pair } from './pair-items.ts';

/** 0 ≤ value < 1. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => randomBelow(2 ** 32, generator) / 2 ** 32;
}

/** A model before an item: what it answers, with which probability. */
export interface Simulated {
  readonly id: number;
  readonly dataset?: string;
  /** By option; what is missing to 1 is unparsed. */
  readonly probabilities: readonly number[];
  readonly rightOptions: readonly number[];
  /** P(option) with a wrong image; all equal without it. */
  readonly blind?: readonly number[];
  readonly n?: number;
}

const WRONG_IMAGES = 4;

function drawText(probabilities: readonly number[], random: Random): string {
  let left = random();
  const option = probabilities.findIndex((probability) => (left -= probability) < 0);
  return option < 0 ? '<think>hm' : textOf(option);
}

const textOf = (option: number): string => `<answer>${optionLetter(option)}</answer>`;

/** The greedy answer is the mode; n samples, as many of a second seed, n / 4 of each of four wrong images. */
export function simulatedRecord(item: Simulated, random: Random): ItemRecord {
  const { id, dataset = 'bloodmnist', probabilities, rightOptions, n = 16 } = item;
  const blind = item.blind ?? probabilities.map(() => 1 / probabilities.length);
  const texts = (count: number, of: readonly number[]): string[] =>
    Array.from({ length: count }, () => drawText(of, random));
  const base = recordOf(texts(n, probabilities));
  const mode = probabilities.indexOf(Math.max(...probabilities));
  const wrong = Array.from({ length: WRONG_IMAGES }, () => texts(Math.ceil(n / 4), blind));
  return {
    ...base,
    itemId: `${dataset}/test/${id}`,
    image: { ...base.image, dataset, index: id, sha256: String(id).padStart(64, 'f') },
    question: {
      text: 'Which cell is this?',
      options: probabilities.map((_, option) => `cell ${option}`),
      correctOptions: rightOptions,
      referenceAnswer: null,
    },
    sampler: { ...base.sampler, k: n },
    greedy: sampleOf(textOf(mode)),
    nulls: nullsOf(texts(n, probabilities), ...wrong),
  };
}

export function figuresOf(record: ItemRecord): ItemFigures {
  const figures = itemFigures(record);
  if (figures === null) throw new Error(`${record.itemId} does not count.`);
  return figures;
}

export function simulatedItem(item: Simulated, random: Random): ItemFigures {
  return figuresOf(simulatedRecord(item, random));
}

export function simulatedPairs(
  parents: readonly Simulated[],
  childOf: (parent: Simulated) => Simulated,
  random: Random,
): readonly Pair<ItemFigures>[] {
  return parents.map((parent) => ({
    parent: simulatedItem(parent, random),
    child: simulatedItem(childOf(parent), random),
  }));
}

/** Adds up to 1. */
export function normalized(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * A model of middling skill before `count` questions of eight options: P(right) from 0.05 to 0.75, none in
 * every fifth item, the rest unevenly on the wrong ones, 2 % unparsed.
 */
export function simulatedParents(count: number, random: Random): readonly Simulated[] {
  return Array.from({ length: count }, (_, id) => {
    const right = id % 8;
    const share = id % 5 === 0 ? 0 : 0.05 + 0.7 * random();
    const others = normalized(
      Array.from({ length: 8 }, (_, option) => (option === right ? 0 : random() ** 3 + 0.01)),
    );
    return {
      id,
      probabilities: others.map((other, option) =>
        option === right ? 0.98 * share : 0.98 * (1 - share) * other,
      ),
      rightOptions: [right],
    };
  });
}
