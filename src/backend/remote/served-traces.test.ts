/** The answers behind the traces of a server's samples, against those that the toy draws from. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ServerProfile } from '../../../test/support/openai-profile.ts';
import { OpenAiServer } from '../../../test/support/openai-server.ts';
import { loader, quiet, requestOf } from '../../../test/support/remote-bench.ts';
import { DARK_LETTERS, LETTERS, THOUGHTS, truthOf } from '../../../test/support/served-toy.ts';
import { parseAnswer } from '../../core/parser.ts';
import { summarizeRaoBlackwell } from '../../core/rao-blackwell.ts';
import { BLOOD_QUESTION, FREE_FORM_QUESTION } from '../../core/record-fixture.ts';
import type { PolicySettings, Question, Sample, SamplerSettings } from '../../core/types.ts';
import type { AnswerEvent } from '../../protocol/vlm.ts';
import { policyOfLists } from './list-meaning.ts';

let server: OpenAiServer;
beforeAll(async () => {
  server = await OpenAiServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.reset();
});
const loaded = loader(() => server);

type Traces = Extract<AnswerEvent, { readonly type: 'traces' }>;

interface Drawn {
  readonly samples: readonly Sample[];
  readonly events: readonly Traces[];
}

async function draw(
  profile: Partial<ServerProfile>,
  sampler: Partial<SamplerSettings>,
  question: Question = BLOOD_QUESTION,
): Promise<Drawn> {
  const backend = await loaded(profile);
  const samples: Sample[] = [];
  const events: Traces[] = [];
  const request = {
    ...requestOf({ k: 64, ...sampler }),
    promptText: 'Which cell? Think inside <think></think>.',
    answerDistributions: { question, branchFloor: 0.001 },
  };
  await backend.answer(request, {
    signal: quiet.signal,
    onEvent: (event) => {
      if (event.type === 'samples') samples.push(...event.samples);
      if (event.type === 'traces') events.push(event);
    },
  });
  return { samples: samples.sort((a, b) => a.index - b.index), events };
}

const answerOf = ({ text }: Sample) => parseAnswer(text, BLOOD_QUESTION).answer;
const PLAIN: PolicySettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
const TABLES = [
  ['pale', LETTERS],
  ['dark', DARK_LETTERS],
] as const;

describe.each([
  ['vllm', 'model', {}],
  ['vllm', 'model', { temperature: 0.7, topP: 0.9 }],
  ['vllm', 'model', { temperature: 1.5 }],
  ['vllm', 'model', { temperature: 0.7, topK: 3, topP: 0.9 }],
  ['vllm', 'tempered', { temperature: 0.7 }],
  ['sglang', 'tempered', { temperature: 0.7, topP: 0.9 }],
  ['llamacpp', 'model', { temperature: 0.7, topP: 0.9, minP: 0.05 }],
] as const)('%s, log-probabilities of kind %s at %j', (owner, logProbsOf, policy) => {
  test('each trace has the letters of its own place, and every sample is in one', async () => {
    const { samples, events } = await draw({ owner, logProbsOf }, policy);
    expect(events).toHaveLength(1);
    const traces = events[0]?.traces ?? [];
    expect(events[0]?.missing).toBeUndefined();
    expect(traces).toHaveLength(2);
    for (const trace of traces) {
      expect(trace.traceTokens).toBe(2);
      const [first] = trace.sampleIndexes;
      const thought = samples.find(({ index }) => index === first)?.tokenTexts[0] ?? '';
      const [, table] = TABLES.find(([name]) => thought.includes(name)) ?? TABLES[0];
      const truth = truthOf(table, { ...PLAIN, ...policy });
      for (const letter of ['A', 'B', 'C', 'D']) {
        const found = trace.answers.find(({ answer }) => answer === letter)?.probability ?? 0;
        expect(found).toBeCloseTo(truth.get(letter) ?? 0, 6);
      }
      const followed = trace.answers.reduce((sum, { probability }) => sum + probability, 0);
      expect(trace.unresolvedMass).toBeCloseTo(1 - followed, 12);
      // Who drew no letter keeps its own outcome.
      const others = trace.sampleIndexes.filter((index) => {
        const one = samples.find((sample) => sample.index === index);
        return one !== undefined && answerOf(one) === null;
      });
      expect(trace.belowFloorIndexes).toEqual(others);
    }
    expect(traces.flatMap(({ sampleIndexes }) => sampleIndexes).sort((a, b) => a - b)).toEqual(
      samples.map(({ index }) => index),
    );
  });
});

test('where the least listed are left out, what is left keeps its proportions', async () => {
  const { samples, events } = await draw({ mostListed: 5 }, { k: 256 });
  const traces = events[0]?.traces ?? [];
  const pale = traces.find(({ sampleIndexes }) =>
    samples.some(({ index, text }) => index === sampleIndexes[0] && text.includes('pale')),
  );
  // Five are listed, of which four are surely the most probable: the letters, 0.97.
  const [a, b, c, d] = pale?.answers ?? [];
  expect(pale?.answers).toHaveLength(4);
  expect((a?.probability ?? 0) / (b?.probability ?? 1)).toBeCloseTo(5 / 3, 6);
  expect((b?.probability ?? 0) / (c?.probability ?? 1)).toBeCloseTo(3 / 1.2, 6);
  expect(d?.answer).toBe('D');
  const left = samples.filter((one) => one.text.includes('pale') && answerOf(one) === null);
  expect(left.length).toBeGreaterThan(0);
  expect(pale?.belowFloorIndexes).toEqual(left.map(({ index }) => index));
});

test('the estimate is that of the enumerated truth, and sharper than counting', async () => {
  const { samples, events } = await draw({}, { k: 512 });
  const summary = summarizeRaoBlackwell(samples, events[0]?.traces ?? [], BLOOD_QUESTION);
  const thoughts = new Map(THOUGHTS);
  const of = (table: typeof LETTERS, letter: string) => truthOf(table, PLAIN).get(letter) ?? 0;
  for (const letter of ['A', 'B', 'C', 'D']) {
    const truth =
      (thoughts.get('<think>a pale cell</think> ') ?? 0) * of(LETTERS, letter) +
      (thoughts.get('<think>a dark cell</think> ') ?? 0) * of(DARK_LETTERS, letter);
    const estimate = summary?.outcomes.find(({ answer }) => answer === letter)?.estimate;
    expect(estimate?.interval.lower).toBeLessThan(truth);
    expect(estimate?.interval.upper).toBeGreaterThan(truth);
    expect(estimate?.varianceRatio).toBeLessThan(0.7);
  }
});

test('alternatives are asked for with the samples only where they tell something', async () => {
  const topsAt = async (profile: Partial<ServerProfile>, sampler: Partial<SamplerSettings>) => {
    await draw(profile, sampler);
    return [...new Set(server.chats.map(({ body }) => body['top_logprobs']))];
  };
  // The probe's words are eight.
  expect(await topsAt({}, {})).toEqual([8]);
  expect(await topsAt({}, { temperature: 0 })).toEqual([1]);
});

test.each([
  [{ logprobs: 'refuses' }, {}, BLOOD_QUESTION, 'lists no alternatives'],
  [{ mostListed: 1 }, {}, BLOOD_QUESTION, 'lists no alternatives'],
  [{}, { temperature: 0 }, BLOOD_QUESTION, 'temperature 0'],
  [{}, { topP: 0.9, minP: 0.1 }, BLOOD_QUESTION, 'another order'],
  [{}, {}, FREE_FORM_QUESTION, 'free-form'],
] as const)('%j at %j gives no traces, and says why', async (profile, sampler, question, words) => {
  const { samples, events } = await draw(profile, sampler, question);
  expect(samples).toHaveLength(64);
  expect(events).toHaveLength(1);
  expect(events[0]?.traces).toEqual([]);
  expect(events[0]?.missing).toContain(words);
});

describe('what lists are of', () => {
  const FILTERED = { temperature: 0.7, topK: 0, topP: 0.9, minP: 0 };
  test.each([
    ['vllm', 'model', FILTERED, FILTERED],
    // vLLM's "processed" ones come behind the filters, SGLang's before them.
    ['vllm', 'tempered', FILTERED, PLAIN],
    ['sglang', 'tempered', FILTERED, { ...FILTERED, temperature: 1 }],
    ['other', 'tempered', { ...FILTERED, topP: 1 }, PLAIN],
    ['other', 'unknown', PLAIN, PLAIN],
  ] as const)('%s, %s at %j', (kind, logProbKind, sampler, policy) => {
    expect(policyOfLists(sampler, kind, logProbKind)).toEqual({ policy, reason: null });
  });
  test.each([
    ['other', 'unknown', FILTERED, 'not known what'],
    ['other', 'model', FILTERED, 'another order'],
    ['llama.cpp', 'tempered', FILTERED, 'before or after'],
    ['sglang', 'model', { ...FILTERED, topK: 5 }, 'another order'],
  ] as const)('%s, %s at %j is refused', (kind, logProbKind, sampler, words) => {
    expect(policyOfLists(sampler, kind, logProbKind).reason).toContain(words);
  });
});
