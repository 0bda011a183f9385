import { expect, test } from 'vitest';
import { BLOOD_QUESTION, FREE_FORM_QUESTION, recordOf } from '../record-fixture.ts';
import { sampleOf } from '../record-fixture.ts';
import { itemFigures, type ItemFigures } from './item-figures.ts';
import { rlSet, rlSetLine, type RlCandidate } from './rl-set.ts';

const record = recordOf(['<answer>B</answer>', '<answer>A</answer>'], {
  greedy: sampleOf('<answer>B</answer>'),
});
const base = figuresOf();

function figuresOf(): ItemFigures {
  const figures = itemFigures(record);
  if (figures === null) throw new Error('The record counts.');
  return figures;
}

function candidate(
  dataset: string,
  rightLabel: string,
  c: number,
  change: Partial<ItemFigures> = {},
): RlCandidate {
  return {
    figures: {
      ...base,
      dataset,
      rightLabel,
      split: 'train',
      draw: { ...base.draw, n: 4, c },
      ...change,
    },
    question: BLOOD_QUESTION,
    index: 12,
    imagePath: 'images/a.png',
  };
}

test('the band, one of each set and class in turn', () => {
  const all = [
    ...Array.from({ length: 5 }, () => candidate('blood', 'basophil', 1)),
    candidate('blood', 'eosinophil', 3),
    candidate('path', 'mucus', 2),
    candidate('path', 'mucus', 2),
  ];
  const { chosen, leftOut } = rlSet(all, 4);
  expect(chosen.map(({ figures }) => `${figures.dataset} ${figures.rightLabel}`)).toEqual([
    'blood basophil',
    'path mucus',
    'blood eosinophil',
    'path mucus',
  ]);
  expect(leftOut).toEqual({ test: 0, unknownSplit: 0, always: 0, never: 0, beyond: 4 });
  expect(rlSet(all, null).chosen).toHaveLength(8);
});

test('what is never right is the list that needs SFT, balanced alike and without test items', () => {
  const { needsSft } = rlSet(
    [
      candidate('blood', 'basophil', 0),
      candidate('blood', 'basophil', 0),
      candidate('blood', 'eosinophil', 0),
      candidate('path', 'mucus', 0),
      candidate('path', 'mucus', 0, { split: 'test' }),
      candidate('path', 'mucus', 1),
      candidate('path', 'mucus', 4),
    ],
    null,
  );
  expect(needsSft.map(({ figures }) => `${figures.dataset} ${figures.rightLabel}`)).toEqual([
    'blood basophil',
    'path mucus',
    'blood eosinophil',
    'blood basophil',
  ]);
});

test('test items, items of unknown split, and what is always or never right are left out', () => {
  const { chosen, leftOut } = rlSet(
    [
      candidate('blood', 'basophil', 2, { split: 'test' }),
      candidate('blood', 'basophil', 2, { split: null }),
      candidate('blood', 'basophil', 4),
      candidate('blood', 'basophil', 0),
      candidate('blood', 'basophil', 2, { split: 'val' }),
    ],
    null,
  );
  expect(chosen).toHaveLength(1);
  expect(leftOut).toEqual({ test: 1, unknownSplit: 1, always: 1, never: 1, beyond: 0 });
  expect(rlSet([], 10).chosen).toEqual([]);
});

test('a line is as released, for options and for free form', () => {
  expect(JSON.parse(rlSetLine(candidate('blood', 'eosinophil', 1)))).toEqual({
    dataset_name: 'blood',
    dataset_index: 12,
    image_paths: ['images/a.png'],
    question: 'Which cell is this?',
    options: ['basophil', 'eosinophil', 'monocyte', 'neutrophil'],
    options_dict: { A: 'basophil', B: 'eosinophil', C: 'monocyte', D: 'neutrophil' },
    answer_label: 'B',
    answer: 'eosinophil',
  });
  const freeForm = { ...candidate('organ', 'left kidney', 1), question: FREE_FORM_QUESTION };
  expect(JSON.parse(rlSetLine(freeForm))).toMatchObject({
    options: null,
    options_dict: null,
    answer_label: null,
    answer: 'Left kidney',
  });
});
