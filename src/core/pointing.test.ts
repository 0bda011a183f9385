import { describe, expect, it } from 'vitest';
import { litSamples, tokenFork, type PointedRecord } from './pointing.ts';
import { BLOOD_QUESTION, sampleOf } from './record-fixture.ts';

/** Traces of one word each, then the answer; B is right. */
function record(id: string, ...lines: readonly (readonly [trace: string, answer: string])[]) {
  const samples = lines.map(([trace, answer], index) =>
    sampleOf(`cell ${trace} <answer>${answer}</answer>`, index),
  );
  return {
    id,
    question: BLOOD_QUESTION,
    samples,
    answersOf: new Map(lines.map(([, answer], index) => [index, answer === '?' ? null : answer])),
  } satisfies PointedRecord;
}
const BASE = record('base', ['large', 'A'], ['small', 'B'], ['large', 'B'], ['dark', '?']);
const RL = record('rl', ['small', 'B'], ['large', 'B'], ['small', 'A']);

const lit = (target: Parameters<typeof litSamples>[0]) =>
  Object.fromEntries([...litSamples(target, [BASE, RL])].map(([id, set]) => [id, [...set]]));

describe('what is lit', () => {
  it('an answer: the samples with it, in every checkpoint', () => {
    expect(lit({ kind: 'answer', checkpointId: 'base', answer: 'B' })).toEqual({
      base: [1, 2],
      rl: [0, 1],
    });
    expect(lit({ kind: 'answer', checkpointId: 'base', answer: null })).toEqual({
      base: [3],
      rl: [],
    });
  });

  it('a sample: itself, and of the others those with its answer', () => {
    expect(lit({ kind: 'sample', checkpointId: 'base', index: 0 })).toEqual({ base: [0], rl: [2] });
  });

  it('a token: whoever begins like it, in every checkpoint', () => {
    expect(lit({ kind: 'token', checkpointId: 'base', index: 0, place: 1 })).toEqual({
      base: [0, 2],
      rl: [1],
    });
    expect(lit({ kind: 'token', checkpointId: 'base', index: 0, place: 0 }).base).toHaveLength(4);
    expect(lit({ kind: 'token', checkpointId: 'base', index: 9, place: 0 }).base).toEqual([]);
  });

  it('a point of Pass@k: the right ones', () => {
    expect(lit({ kind: 'pass', k: 4 })).toEqual({ base: [1, 2], rl: [0, 1] });
  });

  it('a band: what it says of itself; nothing of a checkpoint that it does not name', () => {
    const readout = { title: '', label: '', facts: [], alternatives: [], others: [] };
    expect(
      lit({ kind: 'band', checkpointId: 'base', mark: 'r', samples: { base: [3, 7] }, readout }),
    ).toEqual({ base: [3], rl: [] });
  });
});

describe('a token among what was drawn at its place', () => {
  it('has its share, its log-probability and the others with theirs', () => {
    expect(tokenFork(BASE, 0, 1)).toEqual({
      text: ' large',
      reaching: 4,
      drawing: 2,
      logProb: -0.5,
      alternatives: [
        { text: ' small', share: 0.25, probability: Math.exp(-0.5) },
        { text: ' dark', share: 0.25, probability: Math.exp(-0.5) },
      ],
    });
  });

  it('without a fork has no others; without a token is nothing', () => {
    expect(tokenFork(BASE, 0, 0)?.alternatives).toEqual([]);
    expect(tokenFork(BASE, 0, 99)).toBeNull();
    expect(tokenFork(BASE, 77, 0)).toBeNull();
  });
});
