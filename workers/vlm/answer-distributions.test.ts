/** Rao–Blackwell in the tree against a toy model whose every completion is known. */

import { expect, test } from 'vitest';
import { answerDistributions, eventProbabilities } from '../../src/core/rao-blackwell.ts';
import type { DrawnSample, SamplerSettings, TraceAnswers } from '../../src/core/types.ts';
import {
  allCompletions,
  ANSWER_MAX_TOKENS,
  ANSWER_QUESTION,
  answerEngine,
  exactAnswerDistribution,
  type Completion,
} from '../../test/support/toy-answers.ts';
import { sampleTree, type SamplingOptions } from './sampler.ts';

const SETTINGS: SamplerSettings = {
  k: 400,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  maxNewTokens: ANSWER_MAX_TOKENS,
  seed: 3,
};

async function draw(
  sampler: SamplerSettings,
  branchFloor: number | null,
  options: Partial<SamplingOptions> & { greedy?: boolean } = {},
) {
  const engine = answerEngine();
  const samples: DrawnSample[] = [];
  const traces: TraceAnswers[] = [];
  const task = {
    image: { width: 1, height: 1, data: new Uint8Array(3) },
    promptText: '',
    itemId: 'item',
    sampler,
    greedy: options.greedy ?? false,
    firstIndex: 0,
    ...(branchFloor !== null && {
      answerDistributions: { question: ANSWER_QUESTION, branchFloor },
    }),
  };
  await sampleTree(engine, await engine.prefill(), task, {
    maxRows: 1000,
    onStep: () => Promise.resolve(),
    onSample: (sample) => samples.push(sample),
    onTrace: (trace) => traces.push(trace),
    ...options,
  });
  samples.sort((a, b) => a.index - b.index);
  return { engine, samples, traces };
}

const traceOf = ({ tokenIds, traceTokens }: Completion): string | null =>
  traceTokens === null ? null : tokenIds.slice(0, traceTokens).join(' ');

/** P(answer, followed | trace) from the list of all completions. */
function closedForm(completions: readonly Completion[], trace: string): Map<string | null, number> {
  const masses = new Map<string | null, number>();
  for (const completion of completions) {
    if (traceOf(completion) !== trace || !completion.followed) continue;
    const { answer, massInTrace } = completion;
    masses.set(answer, (masses.get(answer) ?? 0) + massInTrace);
  }
  return masses;
}

const POLICIES = [{}, { temperature: 0.6 }, { temperature: 1.4, topP: 0.9 }, { topK: 3 }] as const;

test.each(POLICIES.flatMap((policy) => [1e-9, 0.05, 0.4].map((floor) => [policy, floor] as const)))(
  'with %j and floor %d every trace has the answers of the closed form',
  async (policy, floor) => {
    const settings = { ...SETTINGS, ...policy };
    const { samples, traces } = await draw(settings, floor);
    const completions = allCompletions(settings, floor);
    const byIds = new Map(completions.map((c) => [c.tokenIds.join(' '), c]));
    const inTraces = new Set<number>();
    for (const {
      sampleIndexes,
      belowFloorIndexes,
      answers,
      unresolvedMass,
      traceTokens,
    } of traces) {
      const members = sampleIndexes.map((index) => samples[index]);
      const trace = members[0]?.tokenIds.slice(0, traceTokens).join(' ') ?? '';
      const expected = closedForm(completions, trace);
      expect(new Map(answers.map((a) => [a.answer, expect.closeTo(a.probability, 12)]))).toEqual(
        expected,
      );
      const followed = [...expected.values()].reduce((a, b) => a + b, 0);
      expect(unresolvedMass).toBeCloseTo(1 - followed, 12);
      for (const sample of members) {
        const completion = byIds.get(sample?.tokenIds.join(' ') ?? '');
        expect(completion && traceOf(completion)).toBe(trace);
        expect(belowFloorIndexes.includes(sample?.index ?? -1)).toBe(!completion?.followed);
        inTraces.add(sample?.index ?? -1);
      }
    }
    // Every sample whose completion has a trace is in one.
    for (const { index, tokenIds } of samples) {
      const completion = byIds.get(tokenIds.join(' '));
      expect(inTraces.has(index)).toBe(completion?.traceTokens !== null);
    }
  },
);

test.each([1e-9, 0.05, 0.4])(
  'the vote is unbiased and its variance not larger, exactly, at floor %d',
  async (floor) => {
    // Enough samples that every trace of weight is seen; the others keep their outcome by definition.
    const { samples, traces } = await draw({ ...SETTINGS, k: 3000 }, floor);
    const completions = allCompletions(SETTINGS, floor);
    const votes = answerDistributions(samples, traces, ANSWER_QUESTION);
    const byIds = new Map(samples.map((sample, i) => [sample.tokenIds.join(' '), votes[i]]));
    const followedVotes = new Map<string, (typeof votes)[number] | undefined>();
    for (const completion of completions) {
      const vote = byIds.get(completion.tokenIds.join(' '));
      const trace = traceOf(completion);
      if (completion.followed && trace !== null && vote) followedVotes.set(trace, vote);
    }
    let smaller = 0;
    for (const [answer, probability] of exactAnswerDistribution(SETTINGS)) {
      let mean = 0;
      let square = 0;
      for (const completion of completions) {
        const trace = traceOf(completion);
        const vote = completion.followed && trace !== null ? followedVotes.get(trace) : undefined;
        const q = vote ? (vote.get(answer) ?? 0) : Number(completion.answer === answer);
        mean += Math.exp(completion.logProb) * q;
        square += Math.exp(completion.logProb) * q * q;
      }
      expect(mean).toBeCloseTo(probability, 10);
      expect(square).toBeLessThanOrEqual(probability + 1e-12);
      if (square < 0.9 * probability) smaller += 1;
    }
    if (floor < 0.1) expect(smaller).toBeGreaterThan(2);
  },
);

test('the mean over samples comes nearer to the closed form than counting', async () => {
  const exact = exactAnswerDistribution(SETTINGS).get('B') ?? 0;
  let ofVotes = 0;
  let ofCounts = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const { samples, traces } = await draw({ ...SETTINGS, k: 32, seed }, 1e-3);
    const mean = (of: readonly TraceAnswers[]): number => {
      const votes = answerDistributions(samples, of, ANSWER_QUESTION);
      return eventProbabilities(votes, ['B']).reduce((a, b) => a + b, 0) / samples.length;
    };
    ofVotes += (mean(traces) - exact) ** 2;
    ofCounts += (mean([]) - exact) ** 2;
  }
  expect(ofVotes).toBeLessThan(ofCounts);
});

test.each([{}, { maxRows: 3 }, { greedy: true }])(
  'samples do not change, and no cache is left, with %j',
  async (options) => {
    const plain = await draw(SETTINGS, null, options);
    const alone = await draw(SETTINGS, null, { ...options, merge: false });
    const followed = await draw(SETTINGS, 1e-3, options);
    expect(followed.samples).toEqual(plain.samples);
    expect(followed.samples).toEqual(alone.samples);
    expect(plain.traces).toEqual([]);
    expect(followed.traces.length).toBeGreaterThan(3);
    expect(followed.engine.liveCaches).toBe(1);
  },
);

test('waves and the greedy walker change no distribution', async () => {
  const sorted = (traces: readonly TraceAnswers[]): TraceAnswers[] =>
    [...traces].sort((a, b) => (a.sampleIndexes[0] ?? 0) - (b.sampleIndexes[0] ?? 0));
  const plain = sorted((await draw(SETTINGS, 1e-3)).traces);
  expect(sorted((await draw(SETTINGS, 1e-3, { greedy: true })).traces)).toEqual(plain);
  const waves = sorted((await draw(SETTINGS, 1e-3, { maxRows: 3 })).traces);
  expect(waves.map(({ sampleIndexes }) => sampleIndexes)).toEqual(
    plain.map(({ sampleIndexes }) => sampleIndexes),
  );
  waves.forEach(({ answers }, i) => {
    for (const { answer, probability } of answers) {
      const twin = plain[i]?.answers.find((other) => other.answer === answer);
      expect(probability).toBeCloseTo(twin?.probability ?? NaN, 12);
    }
  });
});

test('a floor that is no probability is refused', async () => {
  await expect(draw(SETTINGS, 0)).rejects.toThrow(RangeError);
});
