import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sampleOf, servedSampleOf } from '../core/record-fixture.ts';
import type { Sample } from '../core/types.ts';
import { packRecord, packedRecordBytes, unpackRecord } from './packed-record.ts';
import { packSamples, unpackSamples } from './packed-samples.ts';
import { readRunFile } from './run-file.ts';

const text = readFileSync(new URL('../../public/runs/first.jsonl', import.meta.url), 'utf8');
const { items } = readRunFile(text);

/** Numbers rounded to float32, so that two records can be compared. */
const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      /^(l|modelL)ogProbs$/.test(key) ? (part as number[]).map(Math.fround) : part,
    ),
  );

test('the recorded run comes out as it went in, log-probabilities as float32', () => {
  expect(items.length).toBeGreaterThan(0);
  for (const { record } of items) {
    // As a browser stores it.
    const once = unpackRecord(structuredClone(packRecord(record)));
    expect(rounded(once)).toEqual(rounded(record));
    expect(unpackRecord(packRecord(once))).toEqual(once);
    expect(once.samples[0]?.logProbs).not.toEqual(record.samples[0]?.logProbs?.map(Math.fround));
  }
});

test('samples take a fifth of their JSON, though these answers share little', () => {
  for (const { record } of items) {
    const plain = { ...record };
    delete plain.answerDistributions;
    expect(packedRecordBytes(packRecord(plain))).toBeLessThan(JSON.stringify(plain).length / 5);
  }
});

const sample = (index: number, change: Partial<Sample> = {}): Sample => ({
  index,
  tokenIds: [5, 9],
  tokenTexts: ['a', ' b'],
  logProbs: [-0.1, -0.2],
  modelLogProbs: [-0.3, -0.4],
  text: 'a b',
  finishReason: 'length',
  ...change,
});

test('shared beginnings are kept once, and other probabilities are another node', () => {
  const samples = [
    sample(0),
    sample(3),
    sample(4, { logProbs: [-0.1, -0.2000001], finishReason: 'end-of-sequence' }),
  ];
  const packed = packSamples(samples);
  expect(packed.tokens).toHaveLength(3);
  expect(packed.branches).toEqual(Int32Array.of(2, 0));
  expect(unpackSamples(packed)).toEqual(samples);
});

test('samples of a server keep what was sent and what is not known', () => {
  const [served, stated] = [servedSampleOf('a b', 4), sampleOf('a b', 5)];
  const partly = { ...served, index: 6, modelLogProbs: [-0.5, -0.25] };
  const samples = [served, stated, partly];
  const packed = packSamples(samples);
  expect(unpackSamples(structuredClone(packed))).toEqual(samples);
  expect(packSamples([stated]).served).toBeUndefined();
});

test('a character over two tokens, a text of its own, and nothing at all', () => {
  const samples = [
    sample(1, { tokenTexts: ['', 'é'], text: 'é' }),
    sample(2, { text: 'trimmed' }),
    sample(7, { tokenIds: [], tokenTexts: [], logProbs: [], modelLogProbs: [], text: '' }),
  ];
  expect(unpackSamples(packSamples(samples))).toEqual(samples);
  expect(unpackSamples(packSamples([]))).toEqual([]);
});
