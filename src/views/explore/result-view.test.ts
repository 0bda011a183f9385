import { expect, test } from 'vitest';
import {
  answerTexts,
  nullsOf,
  recordOf,
  sampleOf,
  servedSampleOf,
} from '../../core/record-fixture.ts';
import type { ItemRecord, Stage } from '../../core/types.ts';
import { groupRecords, type RunGroup } from '../../state/run-groups.ts';
import { unstatedLines } from './result-caption.ts';
import { resultView, resultWords, sampleRowsOf } from './result-view.ts';
import { filterRows } from './sample-filter.ts';

function record(checkpointId: string, stage: Stage, texts: readonly string[]): ItemRecord {
  const { answerer, sampler } = recordOf([]);
  return recordOf(texts, {
    answerer: { ...answerer, checkpointId, stage },
    greedy: sampleOf('<answer>B</answer>'),
    sampler: { ...sampler, k: texts.length },
  });
}

function groupOf(...records: readonly ItemRecord[]): RunGroup {
  const [group] = groupRecords(
    records.map((one) => ({
      record: one,
      image: null,
      origin: 'live' as const,
      createdAt: '2026-11-24T00:00:00.000Z',
      batch: 1,
    })),
  );
  if (!group) throw new Error('There is no record.');
  return group;
}

const base = record('tiny-base', 'base', [...answerTexts('A', 12), ...answerTexts('B', 4)]);
const rl = record('tiny-rl', 'rl', answerTexts('B', 16));

test('one series per checkpoint on one order of answers, the truth last', () => {
  const view = resultView(groupOf(base, rl));
  for (const series of [view.rivers, view.bars, view.curves, view.verdictRows]) {
    expect(series.map(({ id }) => id)).toEqual(['tiny-base', 'tiny-rl']);
  }
  expect(view.answers.map(({ key }) => key)).toEqual(['A', 'C', 'D', 'B']);
  expect(view.answers.at(-1)?.correct).toBe(true);
  expect(view.facts.line).toContain('tiny-base abc123, q4, tiny-rl abc123, q4');
  expect(resultWords(groupOf(base, rl), 'done', null).headline).toBe(
    'Right answers of 16: tiny-base 4 · tiny-rl 16',
  );
  expect(view.isAnecdote).toBe(true);
});

test('an answer that only one of them gave is an answer for all', () => {
  const open = { text: 'Which?', options: [], correctOptions: [], referenceAnswer: 'kidney' };
  const view = resultView(
    groupOf(
      { ...base, question: open, samples: [sampleOf('<answer>liver</answer>')] },
      {
        ...rl,
        question: open,
        samples: [sampleOf('<answer>Kidney.</answer>'), sampleOf('?', 1)],
      },
    ),
  );
  expect(view.answers.map(({ key }) => key)).toEqual([null, 'liver', 'kidney']);
});

test('a right free-form answer that no sample said has its row', () => {
  const open = { text: 'Which?', options: [], correctOptions: [], referenceAnswer: 'Kidney.' };
  const samples = [sampleOf('<answer>liver</answer>')];
  const { answers, bars } = resultView(groupOf({ ...base, question: open, samples }));
  expect(answers).toEqual([
    { key: 'liver', label: 'liver', correct: false },
    { key: 'kidney', label: 'kidney', correct: true },
  ]);
  expect(bars[0]?.outcomes.map(({ answer }) => answer)).toEqual(['liver']);
  const unmarked = { ...open, referenceAnswer: null };
  const without = resultView(groupOf({ ...base, question: unmarked, samples }));
  expect(without.answers.map(({ key }) => key)).toEqual(['liver']);
});

test('a filter takes the samples of its own checkpoint', () => {
  const rows = filterRows(sampleRowsOf(groupOf(base, rl)), {
    kind: 'answer',
    selected: { series: 'tiny-rl', answer: 'B' },
    label: '',
    indexes: [0, 1],
  });
  expect(rows.map(({ id }) => id)).toEqual(['tiny-rl:0', 'tiny-rl:1']);
});

test('no verdict while checkpoints are still being asked', () => {
  const plan = {
    runId: 'run-1',
    checkpointIds: ['tiny-base', 'tiny-rl'],
    current: 'tiny-rl',
    nulls: null,
  };
  expect(resultWords(groupOf(base, rl), 'loading', plan).headline).toBe(
    'Checkpoint 2 of 2, tiny-rl: 16 of 16 so far',
  );
});

test('one checkpoint reads as before: a verdict, and no anecdote', () => {
  const words = resultWords(groupOf(rl), 'done', null);
  expect(words.headline).toBe('The right answer is the first answer');
  expect(words.sentence).toContain('is in the support at K = 16');
  expect(resultView(groupOf(rl)).isAnecdote).toBe(false);
});

const four = ['B', 'A', 'A', 'E'].map((letter) => `<answer>${letter}</answer>`);
const whole = nullsOf(answerTexts('B', 16), four, four, four, four);
const withNulls: ItemRecord = { ...rl, nulls: whole };

test('nulls stand behind bars, curve and river, and in captions and table', () => {
  const view = resultView(groupOf(withNulls));
  expect(view.facts.nulls).toBe('second seed 1000126, n = 16; 4 of 35 wrong images, n = 16');
  expect(view.bars[0]?.nulls?.map(({ kind, n }) => [kind, n])).toEqual([
    ['second-seed', 16],
    ['wrong-images', 16],
  ]);
  expect(view.bars[0]?.nulls?.[1]?.counts.get('A')).toBe(8);
  expect(view.curves[0]?.nulls?.map(({ kind, points }) => [kind, points.at(-1)?.k])).toEqual([
    ['second-seed', 16],
    ['wrong-images', 4],
  ]);
  expect(view.wrongImage).toEqual({ 'tiny-rl': { '': 0.25, A: 0.5, B: 0.25, C: 0, D: 0 } });
  expect(view.verdictRows[0]?.nulls).toEqual({
    secondSeed: '1',
    wrongImages: expect.stringMatching(/^0\.25 \(/) as string,
  });
  expect(resultWords(groupOf(withNulls), 'done', null).nullsNote).toBe('');
});

test('a run without nulls draws none and says nothing of them', () => {
  const view = resultView(groupOf(rl));
  expect([view.facts.nulls, view.bars[0]?.nulls, view.curves[0]?.nulls]).toEqual(['', [], []]);
  expect(view.wrongImage).toEqual({});
  expect(resultWords(groupOf(rl), 'done', null).nullsNote).toBe('');
  expect(view.verdictRows[0]).not.toHaveProperty('nulls');
});

test('what is missing of the nulls is said once, with whose it is', () => {
  const none = { drawn: null, reason: 'No set.' };
  const [a, b] = [base, rl].map((one) => ({
    ...one,
    nulls: { secondSeed: whole.secondSeed, wrongImages: none },
  }));
  if (!a || !b) throw new Error('There are two records.');
  expect(resultWords(groupOf(a, b), 'done', null).nullsNote).toBe('Without wrong images: No set.');
  expect(resultWords(groupOf(a, withNulls), 'done', null).nullsNote).toBe(
    'Without wrong images of tiny-base: No set.',
  );
});

test('while nulls are drawn the verdict on the result stands, and a stop then spoils nothing', () => {
  const nulls = { part: 'second seed', checkpointId: 'tiny-rl', done: 4, total: 32 } as const;
  const plan = { runId: 'run-1', checkpointIds: ['tiny-rl'], current: 'tiny-rl', nulls };
  const running = resultWords(groupOf(rl), 'running', plan);
  expect(running.headline).toBe('The right answer is the first answer');
  expect(running.nullsNote).toContain('still being drawn');
  expect(resultWords(groupOf(rl), 'stopped', plan).sentence).not.toContain(
    'before it was finished',
  );
  expect(resultWords(groupOf(rl), 'stopped', { ...plan, nulls: null }).sentence).toContain(
    'before it was finished',
  );
});

test('an answer that wrong images give as often is no first answer', () => {
  const same = nullsOf(answerTexts('B', 16), ...[1, 2, 3, 4].map(() => answerTexts('B', 4)));
  expect(resultWords(groupOf({ ...rl, nulls: same }), 'done', null).headline).toBe(
    'The right answer leads, not clearly more than with wrong images',
  );
});

test('what a server does not state is said of each sample, and with the reason of all', () => {
  const served = { ...base, samples: [servedSampleOf('<answer>B</answer>')] };
  const [row] = sampleRowsOf(groupOf(served));
  expect(row).toMatchObject({
    logProb: null,
    unstated: 'tokens and log p not stated by the server',
  });
  expect(sampleRowsOf(groupOf(rl)).every(({ unstated }) => unstated === '')).toBe(true);
  const line =
    'Tokens and log p not stated by the server. The server states no tokens and no log-probabilities.';
  expect(unstatedLines(groupOf(served))).toEqual([line]);
  expect(unstatedLines(groupOf(served, rl))).toEqual([`tiny-base: ${line}`]);
  // A saved picture says it too.
  expect(resultView(groupOf(served)).facts.full).toContain(line);
});
