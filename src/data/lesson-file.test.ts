import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import schema from '../../public/schema/lesson.schema.json' with { type: 'json' };
import { readLesson } from './lesson-file.ts';
import { DATASET_IDS } from './medmnist.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const written = read('test/fixtures/lessons/by-hand.json');
const documented = /```json\n([\s\S]*?)```/.exec(read('docs/lessons.md'))?.[1] ?? '';
const validate = new Ajv2020({ strict: false }).compile(schema);

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
    ['words without quotes', changed('"direct"', 'direct'), '', 'double quotes', 'direct'],
    ['a comment', changed('"steps"', '// here\n"steps"'), 'Line 4', 'no comments'],
    ['a missing end', written.trimEnd().slice(0, -1), '', 'closing brace'],
  ])('with %s is no JSON, and the line is named', (_, text, place, message, part = '') => {
    const { lesson, problem } = readLesson(text);
    expect(lesson).toBeNull();
    expect(problem).toContain(message);
    expect(problem).toContain(part === '' ? place : `Line ${String(lineOf(text, part))},`);
  });

  it.each([
    ['a name misspelt', '"checkpoints"', '"chekpoints"', '"chekpoints" is not known', true],
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
    const line = /Line (\d+)/.exec(problem ?? '')?.[1];
    if (to === '') expect(Number(line)).toBe(lineOf(written, '    {\n'));
    else if (message.startsWith('a guess')) expect(Number(line)).toBe(lineOf(text, '"predict"'));
    else expect(Number(line)).toBe(lineOf(text, to));
    // The schema refuses what is wrong by itself; what it cannot see is checked here only.
    if (!isOnlyHere) expect(validate(JSON.parse(text))).toBe(message.includes('among the options'));
  });
});
