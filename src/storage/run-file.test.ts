import { describe, expect, it } from 'vitest';
import {
  ANSWER_DISTRIBUTIONS,
  answerTexts,
  FREE_FORM_QUESTION,
  nullsOf,
  recordOf,
  sampleOf,
} from '../core/record-fixture.ts';
import { asNamedError } from '../protocol/errors.ts';
import { readRunFile, writeRunFile, type RunFileItem } from './run-file.ts';

const HEADER = {
  runId: 'run-1',
  createdAt: '2026-11-23T03:33:47.000Z',
  app: { version: '0.1.0' },
};
const PIXELS = { width: 2, height: 3, data: Uint8Array.from({ length: 18 }, (_, i) => i * 15) };
const RECORD = recordOf([...answerTexts('B', 2), 'A\u2028 cell "α"\r\n<b>', 'hm'], {
  greedy: sampleOf('<think>x</think>\n<answer>B</answer>'),
});
const ITEMS: readonly RunFileItem[] = [
  { record: RECORD, image: PIXELS },
  {
    record: {
      ...RECORD,
      itemId: 'second',
      question: FREE_FORM_QUESTION,
      answerDistributions: ANSWER_DISTRIBUTIONS,
    },
    image: null,
  },
  { record: { ...RECORD, itemId: 'third', samples: [], greedy: null, hint: 'h' }, image: PIXELS },
];

function errorOf(action: () => unknown): { name: string; message: string } {
  try {
    action();
  } catch (thrown) {
    return asNamedError(thrown);
  }
  throw new Error('nothing was thrown');
}

/** The written lines, the one at `index` replaced by what `change` makes of its object. */
function withChangedLine(
  index: number,
  change: (line: Record<string, unknown>) => unknown,
): string {
  const lines = writeRunFile(HEADER, ITEMS).split('\n');
  const line = JSON.parse(lines[index] ?? '') as Record<string, unknown>;
  lines[index] = JSON.stringify(change(line));
  return lines.join('\n');
}

/** Answer distributions with one trace per argument, changed so. */
const traces = (...changes: object[]): object => ({
  answerDistributions: {
    ...ANSWER_DISTRIBUTIONS,
    traces: changes.map((change) => ({ ...ANSWER_DISTRIBUTIONS.traces[0], ...change })),
  },
});

describe('run file', () => {
  it('comes back as it was written', () => {
    const text = writeRunFile(HEADER, ITEMS);
    expect(text.endsWith('\n')).toBe(true);
    expect(text.trimEnd().split('\n')).toHaveLength(4);
    expect(readRunFile(text)).toEqual({ header: HEADER, items: ITEMS, problems: [] });
    expect(writeRunFile(HEADER, readRunFile(text).items)).toBe(text);
  });

  it('keeps large images', () => {
    const data = Uint8Array.from({ length: 300 * 200 * 3 }, (_, i) => (i * 7919) % 256);
    const record = { ...RECORD, image: { ...RECORD.image, width: 300, height: 200 } };
    const image = { width: 300, height: 200, data };
    expect(readRunFile(writeRunFile(HEADER, [{ record, image }])).items[0]?.image).toEqual(image);
  });

  it('understands CRLF, a byte-order mark, blank lines and a missing last line end', () => {
    const text = writeRunFile(HEADER, ITEMS);
    const windows = `\uFEFF${text.trimEnd().replaceAll('\n', '\r\n\r\n')}`;
    expect(readRunFile(windows)).toEqual(readRunFile(text));
  });

  it('carries parsed answers for readers, and recomputes rather than believes them', () => {
    const line = JSON.parse(writeRunFile(HEADER, ITEMS).split('\n')[1] ?? '') as {
      samples: unknown[];
    };
    expect(line.samples[0]).toMatchObject({ answer: 'B', rule: 'answer-tag', correct: true });
    expect(line.samples[3]).toMatchObject({ answer: null, rule: 'unparsed', correct: false });
    const forged = withChangedLine(1, (item) => ({
      ...item,
      samples: RECORD.samples.map((sample) => ({ ...sample, answer: 'D', correct: true })),
    }));
    expect(readRunFile(forged).items).toEqual(ITEMS);
  });

  it('brings nulls back, whole, in part and missing, and an old file without them', () => {
    const whole = nullsOf(['<answer>B</answer>', 'hm'], ['A'], ['B'], ['C'], ['D', 'A']);
    const stopped = { ...whole.secondSeed, reason: 'Stopped.' };
    const none = { drawn: null, reason: 'No set.' };
    const items = [
      { record: { ...RECORD, nulls: whole }, image: PIXELS },
      { record: { ...RECORD, nulls: { secondSeed: stopped, wrongImages: none } }, image: null },
      { record: RECORD, image: null },
    ];
    const text = writeRunFile(HEADER, items);
    expect(readRunFile(text)).toEqual({ header: HEADER, items, problems: [] });
    expect('nulls' in (readRunFile(text).items[2]?.record ?? {})).toBe(false);
    expect(text).toContain('"rule":"answer-tag","answer":"B","correct":true');
  });

  it.each([
    ['seed', 'secondSeed', { seed: RECORD.sampler.seed }, 'has the seed of the run'],
    [
      'image',
      'wrongImages',
      { images: [{ image: RECORD.image, samples: [sampleOf('A')] }] },
      'shows the image itself',
    ],
  ])('refuses nulls that are none: the %s of the run', (_, part, change, reason) => {
    const text = writeRunFile(HEADER, [
      { record: { ...RECORD, nulls: nullsOf(['B'], ['A'], ['B'], ['C'], ['D']) }, image: null },
    ]);
    const [header = '', line = ''] = text.split('\n');
    const item = JSON.parse(line) as { nulls: Record<string, { drawn: object }> };
    Object.assign(item.nulls[part]?.drawn ?? {}, change);
    const file = readRunFile(`${header}\n${JSON.stringify(item)}`);
    expect(file.items).toEqual([]);
    expect(file.problems[0]?.message).toContain(reason);
  });

  it('offers the good lines and names the broken ones', () => {
    const lines = writeRunFile(HEADER, ITEMS).trimEnd().split('\n');
    const text = [lines[0], lines[1], '{"type":"item",', '', lines[2], '[]', lines[3]].join('\n');
    const file = readRunFile(text);
    expect(file.items).toEqual(ITEMS);
    expect(file.problems.map(({ line }) => line)).toEqual([3, 6]);
    expect(file.problems[0]?.message).toBe('This line is not valid JSON.');
    expect(file.problems[1]?.message).toContain('type');
  });

  it.each([
    ['lengths', { samples: [{ ...RECORD.samples[0], logProbs: [] }] }, 'differ in length'],
    ['text', { samples: [{ ...RECORD.samples[0], text: 'x' }] }, 'do not add up to text'],
    ['order', { samples: [...RECORD.samples].reverse() }, 'ascending order'],
    ['twice', { samples: [RECORD.samples[0], RECORD.samples[0]] }, 'ascending order'],
    ['masses', traces({ unresolvedMass: 0 }), 'do not add up to 1'],
    ['stranger', traces({ belowFloorIndexes: [7] }), 'not in sampleIndexes'],
    ['two traces', traces({}, {}), 'in more than one trace'],
    ['pixels', { imageRgbBase64: 'AAAA' }, 'does not fit the width and height'],
    ['base64', { imageRgbBase64: 'AAAAA' }, 'does not fit the width and height'],
    ['number', { elapsedMs: null }, 'elapsedMs: '],
    ['run', { runId: 'run-2' }, 'belongs to another run, run-2'],
    ['options', { question: { ...RECORD.question, options: ['a', 'A '] } }, 'Option B is the same'],
    ['sampler', { sampler: { ...RECORD.sampler, topP: 0 } }, 'sampler: Top-p must be'],
    ['type', { type: 'run' }, 'type: '],
  ])('reports a broken line: %s', (_, change, reason) => {
    const file = readRunFile(withChangedLine(1, (item) => ({ ...item, ...change })));
    expect(file.items).toEqual(ITEMS.slice(1));
    expect(file.problems).toHaveLength(1);
    expect(file.problems[0]?.line).toBe(2);
    expect(file.problems[0]?.message).toContain(reason);
  });

  it('names the place of a broken value deep inside', () => {
    const sample = { ...RECORD.samples[1], logProbs: ['a'] };
    const text = withChangedLine(1, (item) => ({ ...item, samples: [RECORD.samples[0], sample] }));
    expect(readRunFile(text).problems[0]?.message).toContain('samples.1.logProbs.0: ');
  });

  it.each([
    ['empty', '', 'empty'],
    ['blank', '\n \r\n', 'empty'],
    ['no header', writeRunFile(HEADER, ITEMS).split('\n').slice(1).join('\n'), 'no header'],
    ['another JSONL', '{"question":"?","options":[]}', 'no header'],
    ['no JSON', 'a,b\n1,2', 'no header'],
    ['foreign', withChangedLine(0, (line) => ({ ...line, format: 'other' })), 'no header'],
    ['newer', withChangedLine(0, (line) => ({ ...line, formatVersion: 3, more: 1 })), 'format 3'],
    ['older', withChangedLine(0, (line) => ({ ...line, formatVersion: 0 })), 'broken'],
    ['date', withChangedLine(0, (line) => ({ ...line, createdAt: 'today' })), 'createdAt'],
  ])('refuses a file that is %s', (_, text, reason) => {
    const error = errorOf(() => readRunFile(text));
    expect(error.name).toBe('RunFileInvalid');
    expect(error.message).toContain(reason);
  });

  it('writes no file rather than a wrong one', () => {
    const samples = [{ ...sampleOf('B'), logProbs: [-Infinity] }];
    const broken = { record: { ...RECORD, samples }, image: null };
    expect(errorOf(() => writeRunFile(HEADER, [broken]))).toMatchObject({ name: 'RunFileInvalid' });
    const image = { ...PIXELS, width: 3 };
    expect(errorOf(() => writeRunFile(HEADER, [{ record: RECORD, image }]))).toMatchObject({
      name: 'RunFileInvalid',
    });
  });
});
