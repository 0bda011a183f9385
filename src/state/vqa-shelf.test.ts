import { beforeEach, describe, expect, test } from 'vitest';
import { fakeDecode, imageFile, jsonlFile, vqaLine } from '../../test/support/vqa-files.ts';
import { VqaShelf } from './vqa-shelf.svelte.ts';

const CHOICE = { options: ['yes', 'no'], answer: 'no' };
const FILE = jsonlFile(
  'slake.jsonl',
  vqaLine(0),
  '{"broken',
  vqaLine(2, CHOICE),
  vqaLine(3, { answer: 'kidney' }),
);
const IMAGES = ['top/images/0.png', 'top/images/2.png'].map(imageFile);

let shelf: VqaShelf;
beforeEach(() => {
  shelf = new VqaShelf({ decodeImage: fakeDecode });
});
const questionOf = (line: number) => shelf.collections[0]?.questionOf?.(String(line));

describe('a file', () => {
  test('without images names them and has no set', async () => {
    await shelf.open([FILE]);
    expect(shelf).toMatchObject({ fileName: 'slake.jsonl', itemCount: 3, imageCount: 0 });
    expect(shelf.missingImages).toEqual(['images/0.png', 'images/2.png', 'images/3.png']);
    expect(shelf.problems).toEqual([{ line: 2, message: 'This line is not valid JSON.' }]);
    expect(shelf.collections).toEqual([]);
  });

  test('gets its images from a folder, then from single files that join it', async () => {
    await shelf.open([FILE]);
    await shelf.open(IMAGES);
    expect(shelf.missingImages).toEqual([]);
    expect(shelf.problems.map(({ line }) => line)).toEqual([2, 4]);
    expect(shelf.collections).toMatchObject([
      { id: 'vqa/slake.jsonl/SLAKE', name: 'SLAKE', modality: 'Medical VQA', dataset: 'SLAKE' },
    ]);
    expect(shelf.collections[0]?.images).toHaveLength(2);
    await shelf.open([imageFile('3.png')]);
    expect(shelf.problems.map(({ line }) => line)).toEqual([2]);
    expect(shelf.collections[0]?.images).toHaveLength(3);
    const opened = await shelf.collections[0]?.open('4');
    expect(opened?.source).toMatchObject({ dataset: 'SLAKE', split: null, index: 3 });
    // Another folder takes the place of both.
    await shelf.open([imageFile('other/images/0.png')]);
    expect(shelf).toMatchObject({ imageCount: 1 });
  });

  test('and images may come in either order, or while the file is still being read', async () => {
    await shelf.open(IMAGES);
    expect(shelf).toMatchObject({ fileName: null, imageCount: 2 });
    shelf.close();
    await Promise.all([shelf.open([FILE]), shelf.open(IMAGES)]);
    expect(shelf.collections[0]?.images).toHaveLength(2);
    expect(shelf.reading).toBeNull();
  });

  test('that is closed while it is read stays closed', async () => {
    const opening = shelf.open([FILE, ...IMAGES]);
    shelf.close();
    await opening;
    expect(shelf).toMatchObject({ fileName: null, itemCount: 0, imageCount: 0, collections: [] });
  });

  test('that cannot be read changes nothing but the error', async () => {
    await shelf.open([FILE, ...IMAGES]);
    await shelf.open([jsonlFile('none.jsonl', '{"question": ""}')]);
    expect(shelf.error?.message).toMatch(/^none\.jsonl has no line that can be asked\. Line 1: /);
    await shelf.open([jsonlFile('empty.jsonl')]);
    expect(shelf.error?.message).toContain('It is empty.');
    expect(shelf).toMatchObject({ fileName: 'slake.jsonl', itemCount: 3 });
    await shelf.open([jsonlFile('val.jsonl', vqaLine(0))]);
    expect(shelf).toMatchObject({ error: null, fileName: 'val.jsonl', itemCount: 1 });
  });

  test('of several is the one that is open already, else each has to be meant', async () => {
    const both = [FILE, jsonlFile('val.jsonl', vqaLine(0)), ...IMAGES];
    await shelf.open(both);
    expect(shelf.error?.message).toContain('slake.jsonl, val.jsonl');
    expect(shelf).toMatchObject({ fileName: null, imageCount: 2 });
    await shelf.open([FILE]);
    await shelf.open(both);
    expect(shelf).toMatchObject({ error: null, fileName: 'slake.jsonl' });
  });
});

describe('grading', () => {
  beforeEach(() => shelf.open([FILE, ...IMAGES, imageFile('top/images/3.png')]));

  test('goes into the questions without options, and with them into the run', () => {
    expect(shelf.freeFormCount).toBe(2);
    expect(questionOf(1)).not.toHaveProperty('grading');
    shelf.setGrading('pattern');
    shelf.setPattern('^(the )?{answer}$');
    expect(questionOf(1)?.grading).toEqual({ by: 'pattern', source: '^(the )?liver$' });
    expect(questionOf(4)?.grading).toEqual({ by: 'pattern', source: '^(the )?kidney$' });
    expect(questionOf(3)).not.toHaveProperty('grading');
    shelf.setGrading('synonyms');
    shelf.setSynonyms('liver = hepar');
    expect(questionOf(1)?.grading).toEqual({ by: 'synonyms', accepted: ['liver', 'hepar'] });
    expect(questionOf(4)).not.toHaveProperty('grading');
    expect(shelf.widenedCount).toBe(1);
  });

  test('that is missing or broken is said', () => {
    expect(shelf.ruleProblem).toBeNull();
    shelf.setGrading('pattern');
    expect(shelf.ruleProblem).toContain('Write the pattern');
    shelf.setPattern('(');
    expect(shelf.ruleProblem).toContain('no regular expression');
    shelf.setGrading('synonyms');
    expect(shelf.ruleProblem).toContain('at least one line');
  });

  test('of a file with options only is nobody’s problem', async () => {
    shelf.setGrading('pattern');
    await shelf.open([jsonlFile('choice.jsonl', vqaLine(0, CHOICE))]);
    expect(shelf).toMatchObject({ freeFormCount: 0, ruleProblem: null });
  });
});
