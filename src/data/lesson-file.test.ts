import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import schema from '../../public/schema/lesson.schema.json' with { type: 'json' };
import { BUILT_IN_STOCK } from '../../test/support/lesson-stock.ts';
import { readLesson as readWith, type WrittenOutcome } from './lesson-file.ts';
import type { LessonStock } from './lesson-stock.ts';
import { DATASET_IDS } from './medmnist.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const written = read('test/fixtures/lessons/by-hand.json');
const documented = /```json\n([\s\S]*?)```/.exec(read('docs/lessons.md'))?.[1] ?? '';
const validate = new Ajv2020({ strict: false }).compile(schema);

const readLesson = (text: string, stock: LessonStock = BUILT_IN_STOCK): WrittenOutcome =>
  readWith(text, stock);

/** The fixture with one text in place of another. */
function changed(from: string, to: string): string {
  expect(written).toContain(from);
  return written.replace(from, () => to);
}
const lineOf = (text: string, part: string): number =>
  text.slice(0, text.indexOf(part)).split('\n').length;

describe('a lesson file', () => {
  it('is read, with what is left out at its usual value', () => {
    const { lesson, problem } = readLesson(written);
    expect(problem).toBeNull();
    expect(lesson?.steps.map(({ predict }) => predict)).toEqual([true, false]);
    expect(lesson?.steps[1]).toMatchObject({ sampler: { k: 4 }, question: { right: 'pneumonia' } });
    expect(readLesson(`\uFEFF${written.replaceAll('\n', '\r\n')}`).problem).toBeNull();
  });

  it('as the documentation prints it is read', () => {
    expect(readLesson(documented).problem).toBeNull();
    expect(validate(JSON.parse(documented)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(JSON.parse(written)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('is held to the images that the documentation lists', () => {
    const rows = [...read('docs/lessons.md').matchAll(/^\| `(\w+mnist)` +\| ([\d, ]+)\|$/gm)];
    const listed = new Map(
      rows.map(([, dataset = '', indexes = '']) => [dataset, indexes.split(',').map(Number)]),
    );
    expect(listed).toEqual(BUILT_IN_STOCK.shipped);
  });

  it('with an image or a checkpoint that the page has since is read', () => {
    const text = changed('"index": 12 ', '"index": 13 ').replace('"tiny-sft"', '"my-7b"');
    const stock: LessonStock = {
      ...BUILT_IN_STOCK,
      hasImage: (...image) => image.join() === 'bloodmnist,13' || BUILT_IN_STOCK.hasImage(...image),
      checkpoints: [...BUILT_IN_STOCK.checkpoints, 'my-7b'],
    };
    expect(readLesson(text).lesson).toBeNull();
    expect(readLesson(text, stock).problem).toBeNull();
    expect(readLesson(written, { ...stock, shipped: new Map() }).problem).toContain('did not load');
  });

  it('names every data set in the schema', () => {
    expect(schema.$defs.step.properties.image.properties.dataset.enum).toEqual(DATASET_IDS);
  });

  it.each([
    ['nothing', '', 'Line 1, column 1', 'empty'],
    [
      'a missing comma',
      changed('anew.",', 'anew."'),
      '',
      'a comma is missing before this',
      '"look"',
    ],
    [
      'one comma too many',
      changed('"tiny-sft"]', '"tiny-sft",]'),
      '',
      'one too many',
      '"tiny-sft",]',
    ],
    [
      'an open text',
      changed('"Guess first",', '"Guess first,'),
      '',
      'no closing double quote',
      '"Guess first,',
    ],
    [
      'a curly quote',
      changed('"Guess first"', '“Guess first”'),
      '',
      'this is a curly quote, “: JSON needs straight ones, ".',
      '“Guess first”',
    ],
    [
      'a curly quote at the end',
      changed('"Guess first"', '"Guess first”'),
      '',
      'has a curly quote ” in it',
      '"Guess first”',
    ],
    [
      'curly quotes round a name',
      changed('"look"', '“look”'),
      '',
      'this is a curly quote, “',
      '“look”',
    ],
    ['words without quotes', changed('"direct"', 'direct'), '', 'double quotes', 'direct'],
    ['a comment', changed('"steps"', '// here\n"steps"'), 'Line 4', 'no comments'],
    ['a missing end', written.trimEnd().slice(0, -1), '', 'closing brace'],
  ])('with %s is no JSON, and the line is named', (_, text, place, message, part = '') => {
    const { lesson, problem } = readLesson(text);
    expect(lesson).toBeNull();
    expect(problem).toContain(message);
    expect(problem).not.toMatch(/[?.]\.$/);
    expect(problem).toContain(part === '' ? place : `Line ${String(lineOf(text, part))},`);
  });

  it.each([
    [
      'a name misspelt',
      '"checkpoints"',
      '"chekpoints"',
      '"chekpoints" is not known here: did you mean "checkpoints"?',
      true,
    ],
    ['a part misspelt', '"topK": 5', '"top_k": 5', 'did you mean "topK"?', true],
    ['a part of the file misspelt', '"title": "Does', '"titel": "Does', 'mean "title"?', true],
    [
      'a part that is none',
      '"index": 12 ',
      '"index": 12, "split": "val" ',
      '"split" is not known here; what may stand here is dataset, index.',
      true,
    ],
    [
      'a part missing',
      '"text": "The model is asked eight times. It draws each answer anew.",',
      '',
      '"text" is missing here',
      true,
    ],
    ['another version', '"version": 1', '"version": 2', '"version" must be 1', false],
    ['a number in quotes', '"k": 8', '"k": "8"', '"k" must be a number', false],
    [
      'a number out of range',
      '"k": 8',
      '"k": 2000',
      'K must be a whole number from 1 to 1024',
      false,
    ],
    ['an unknown set', '"bloodmnist"', '"bloodmnits"', '"dataset" must be one of', false],
    ['no such image', '"index": 12 ', '"index": 99999 ', 'test images 0 to 3420', true],
    [
      'an image that does not ship',
      '"index": 12 ',
      '"index": 50 ',
      'Step 1, line 9, column 43: bloodmnist 50 is not among the 40 images that ship with the page; near it are 38, 40, 53',
      true,
    ],
    [
      'an image of a set of which none ship',
      '"bloodmnist"',
      '"dermamnist"',
      'no images of dermamnist ship with the page; open dermamnist.npz in the gallery',
      true,
    ],
    [
      'a checkpoint misspelt',
      '["tiny-sft"],\n      "sampler": { "k": 4',
      '["tiny-RL"],\n      "sampler": { "k": 4',
      '"tiny-RL" is neither built in nor a checkpoint that was added in this browser: did you mean tiny-rl?',
      true,
    ],
    [
      'a checkpoint that nobody added',
      '["tiny-sft"],\n      "sampler": { "k": 4',
      '["medgemma-4b-it"],\n      "sampler": { "k": 4',
      'added in this browser; add it under Models with that name',
      true,
    ],
    [
      'a truth that is no option',
      '"right": "pneumonia"',
      '"right": "lung"',
      '"lung" is not among the options',
      false,
    ],
    [
      'a guess without options',
      '"prompt": "direct",\n      "nulls": false,\n      "predict"',
      '"question": { "kind": "free-form" },\n      "predict"',
      'a guess needs a question with options',
      true,
    ],
    ['a name twice', '"look":', '"title": "again", "look":', '"title" is there twice', true],
    [
      'an option twice',
      '["normal", "pneumonia"]',
      '["pneumonia", "pneumonia"]',
      'this option is there twice',
      true,
    ],
  ])('with %s is refused, with the line', (_, from, to, message, isOnlyHere) => {
    const text = changed(from, to);
    const { lesson, problem } = readLesson(text);
    expect(lesson).toBeNull();
    expect(problem).toContain(message);
    expect(problem).not.toMatch(/[?.]\.$/);
    const line = /line (\d+)/i.exec(problem ?? '')?.[1];
    if (to === '') expect(Number(line)).toBe(lineOf(written, '    {\n'));
    else if (message.startsWith('a guess')) expect(Number(line)).toBe(lineOf(text, '"predict"'));
    else expect(Number(line)).toBe(lineOf(text, to));
    // The schema refuses what is wrong by itself; what it cannot see is checked here only.
    if (!isOnlyHere) expect(validate(JSON.parse(text))).toBe(message.includes('among the options'));
  });
});
