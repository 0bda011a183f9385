/** The classes that the vision-only baseline names are the table's, in its order: a head's logits are read by them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MEDMNIST } from '../../src/data/medmnist.ts';

const { id2label } = JSON.parse(
  readFileSync(new URL('../../public/models/tiny-vision/config.json', import.meta.url), 'utf8'),
) as { readonly id2label: Readonly<Record<string, string>> };

test('every set it was trained on is one run of logits, classes as in the table', () => {
  const classes = Object.keys(id2label).map((_, at) => id2label[at]?.split('/', 2) ?? []);
  const trainedOn = [...new Set(classes.map(([set]) => set))];
  expect(trainedOn).toHaveLength(6);
  expect(classes).toEqual(
    trainedOn.flatMap((id) =>
      MEDMNIST.find((set) => set.id === id)?.labels.map((label) => [id, label]),
    ),
  );
});
