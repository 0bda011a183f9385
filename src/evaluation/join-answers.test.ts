import { expect, test } from 'vitest';
import { medmnistSet } from '../data/medmnist.ts';
import type { Question, Split } from '../core/types.ts';
import type { ItemRow } from './item-rows.ts';
import { joinAnswers, rowsByImage } from './join-answers.ts';
import type { VisionResult } from './vision-study.ts';

const NAMES = medmnistSet('bloodmnist').labels;

/** Two images: of class 0, which the probe takes for 1, and of class 2. */
const RESULT = {
  checkpointId: 'tiny-sft',
  dataset: 'bloodmnist',
  sha256s: ['a', 'b'],
  labels: Int32Array.of(0, 2),
  linear: {
    scores: Float64Array.from([
      ...[0.3, 0.4, 0.1, 0.2, 0, 0, 0, 0],
      ...[0.1, 0.1, 0.6, 0.2, 0, 0, 0, 0],
    ]),
  },
} as unknown as VisionResult;

function rowOf(
  place: number,
  sha256: string,
  options: readonly string[],
  right: string,
  greedy: string | null,
  split: Split = 'test',
): ItemRow {
  const question: Question = {
    text: 'Which is it?',
    options,
    correctOptions: options.flatMap((option, at) => (option === right ? [at] : [])),
    referenceAnswer: options.length === 0 ? right : null,
  };
  const figures = { greedyLabel: greedy, greedyCorrect: greedy === right };
  return {
    place,
    item: { itemId: String(place), image: { sha256, split }, question },
    figures: { 'tiny-sft': figures },
  } as unknown as ItemRow;
}

const name = (label: number): string => NAMES[label] ?? '';
const joined = (...rows: readonly ItemRow[]) => joinAnswers(RESULT, rows, rowsByImage(rows));

test('the probe is asked among the options that were offered', () => {
  const [all, fewer] = [
    joined(rowOf(0, 'a', [], name(0), name(0))),
    joined(rowOf(0, 'a', [name(3), name(0)], name(0), name(3))),
  ];
  expect(all).toMatchObject([{ seenClass: 1, sees: false, says: true, image: 0 }]);
  expect(fewer).toMatchObject([{ seenClass: 0, sees: true, says: false, answer: name(3) }]);
});

test('in the order of the run; an image that was asked about twice is two items', () => {
  const items = joined(
    rowOf(0, 'b', [name(2), name(1)], name(2), null),
    rowOf(1, 'a', [name(0), name(1)], name(0), name(0)),
    rowOf(2, 'b', [name(2), name(0)], name(2), name(2)),
    rowOf(3, 'elsewhere', [name(2), name(0)], name(2), name(2)),
  );
  expect(items.map(({ place, image }) => [place, image])).toEqual([
    [0, 1],
    [1, 0],
    [2, 1],
  ]);
});

test('what is not about the one class of a test image is left out', () => {
  const yesNo = rowOf(0, 'a', ['yes', 'no'], 'yes', 'yes');
  const not = rowOf(1, 'a', [name(0), name(1)], name(1), name(1));
  const training = rowOf(2, 'a', [name(0), name(1)], name(0), name(0), 'train');
  expect(joined(yesNo, not, training)).toEqual([]);
  const other = { ...rowOf(3, 'a', [name(0), name(1)], name(0), name(0)), figures: {} };
  expect(joined(other)).toEqual([]);
});
