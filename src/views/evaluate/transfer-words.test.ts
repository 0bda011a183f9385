import { expect, test } from 'vitest';
import type { ImportQuestion } from '../../state/run-transfer.svelte.ts';
import { isWhole, questionWords, reportWords, type ImportReport } from './transfer-words.ts';

const RUN = {
  done: 1,
  items: 4,
  settings: { checkpointIds: ['a', 'b'] },
} as unknown as ImportReport['run'];

const report = (change: Partial<ImportReport>): ImportReport => ({
  ...{ run: RUN, wasHere: false, added: 0, known: 0, promised: 8, problems: [], problemCount: 0 },
  ...{ missingImages: 0, missingWrongImages: 0 },
  ...change,
});

test('a file that came in whole is a fact and no warning', () => {
  expect(reportWords(report({ added: 8 }))).toEqual({
    ...{ kind: 'info', title: '8 records were added', facts: [], lines: [], more: '' },
  });
  expect(reportWords(report({ known: 8 }))).toMatchObject({
    kind: 'info',
    title: 'Nothing was added',
    facts: ['8 records were known already.'],
  });
});

test('what did not come in is counted, and the first lines are named', () => {
  const problems = Array.from({ length: 7 }, (_, at) => ({ line: at + 3, message: 'Broken.' }));
  const words = reportWords(
    report({ added: 1, problems, problemCount: 130, missingImages: 1, missingWrongImages: 2 }),
  );
  expect(words.kind).toBe('warning');
  expect(words.title).toBe('1 record was added');
  expect(words.facts.map((fact) => fact.split(' ').slice(0, 3).join(' '))).toEqual([
    '7 of 8',
    '1 image is',
    '2 images to',
    '130 lines were',
  ]);
  expect(words.lines).toHaveLength(5);
  expect(words.lines[0]).toBe('Line 3: Broken.');
  expect(words.more).toBe('and 125 more');
});

test('a run that is whole needs no images to stand in', () => {
  const run = { ...RUN, done: 8 };
  expect(reportWords(report({ run, added: 8, missingWrongImages: 4 }))).toMatchObject({
    kind: 'info',
    facts: [],
  });
});

test('a file of Explore promises nothing', () => {
  expect(reportWords(report({ added: 2, promised: null })).facts).toEqual([]);
});

test('before a run is added to, both sides are counted', () => {
  const question = (set: object) => ({ here: RUN, header: set }) as unknown as ImportQuestion;
  expect(questionWords(question({ set: { done: 6 } }))).toContain(
    '1 of 8 records are here; the file says that it has 6.',
  );
  expect(questionWords(question({}))).toContain('1 of 8 records are here. What is here stays');
});

test('a run that is whole is not said to lack anything', () => {
  const whole = { here: { ...RUN, done: 8 }, header: { set: { done: 8 } } } as never;
  expect(isWhole(whole)).toBe(true);
  expect(questionWords(whole)).toMatch(/^8 of 8 records are here: the file has nothing to add/);
});
