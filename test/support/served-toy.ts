/** The model behind the scripted server: a few tokens with known probabilities, drawn by the request's knobs. */

export interface ToyKnobs {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly maxTokens: number;
}

export interface ToyToken {
  readonly text: string;
  readonly id: number;
  /** Under the model at T = 1, and at the request's temperature, nats. */
  readonly logProb: number;
  readonly tempered: number;
  /** Most probable first. */
  readonly listed: readonly {
    readonly text: string;
    readonly logProb: number;
    readonly tempered: number;
  }[];
}

type Table = readonly (readonly [text: string, probability: number])[];

/** P of each letter after `<answer>`; the rest is spread over `(` and `Neither`. */
export const LETTERS: Table = [
  ['A', 0.5],
  ['B', 0.3],
  ['C', 0.12],
  ['D', 0.05],
  ['(', 0.02],
  ['Neither', 0.01],
];
const OPENINGS: Table = [
  ['<answer>', 0.9],
  ['Answer: ', 0.1],
];
const WORDS: Table = ['lamp', 'river', '7', 'green', 'paper', '42', 'stone', 'cloud'].map(
  (word, at) => [` ${word}`, [0.3, 0.2, 0.15, 0.1, 0.1, 0.06, 0.05, 0.04][at] ?? 0],
);
export const END = '<|im_end|>';
const ALWAYS_END: Table = [[END, 1]];
const PROBE_WORDS = 9;

/** What is asked: words for the probe of a server, an answer at once, or one behind a thought. */
export type ToyAsk = 'probe' | 'direct' | 'think';

/** Each thought leads to `<answer>`, and to letters of its own. */
export const THOUGHTS: Table = [
  ['<think>a pale cell</think> ', 0.6],
  ['<think>a dark cell</think> ', 0.4],
];
export const DARK_LETTERS: Table = [
  ['D', 0.7],
  ['A', 0.2],
  ['(', 0.1],
];
const ALWAYS_TAG: Table = [['<answer>', 1]];

/** What can follow a text. */
function tableAfter(text: string, ask: ToyAsk, place: number): Table {
  if (ask === 'probe') return place < PROBE_WORDS ? WORDS : ALWAYS_END;
  if (ask === 'think' && text === '') return THOUGHTS;
  if (ask === 'think' && text.endsWith('</think> ')) return ALWAYS_TAG;
  if (text === '<think>a dark cell</think> <answer>') return DARK_LETTERS;
  if (text === '<think>a pale cell</think> <answer>') return LETTERS;
  if (text === '') return OPENINGS;
  if (text === '<answer>' || text === 'Answer: ') return LETTERS;
  if (text.includes('<answer>') && !text.endsWith('</answer>')) return [['</answer>', 1]];
  return ALWAYS_END;
}

const ids = new Map<string, number>();
function idOf(text: string): number {
  const known = ids.get(text) ?? ids.size + 10;
  ids.set(text, known);
  return known;
}

/** @param uniform numbers in [0, 1) */
export function drawToy(ask: ToyAsk, knobs: ToyKnobs, uniform: () => number): ToyToken[] {
  const tokens: ToyToken[] = [];
  let text = '';
  while (tokens.length < knobs.maxTokens) {
    const table = tableAfter(text, ask, tokens.length);
    const listed = withTemperature(table, knobs.temperature);
    const drawn = listed[pick(listed, knobs, uniform)];
    if (!drawn) throw new Error('The toy drew nothing.');
    tokens.push({ ...drawn, id: idOf(drawn.text), listed });
    if (drawn.text === END) break;
    text += drawn.text;
  }
  return tokens;
}

function withTemperature(table: Table, temperature: number): ToyToken['listed'] {
  const heat = temperature === 0 ? 1 : temperature;
  const sum = table.reduce((total, [, p]) => total + p ** (1 / heat), 0);
  return table.map(([text, p]) => ({
    text,
    logProb: Math.log(p),
    tempered: Math.log(p ** (1 / heat) / sum),
  }));
}

function pick(listed: ToyToken['listed'], knobs: ToyKnobs, uniform: () => number): number {
  if (knobs.temperature === 0) return 0;
  const weights = filtered(listed, knobs);
  let left = uniform() * weights.reduce((a, b) => a + b, 0);
  for (const [at, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return at;
  }
  return 0;
}

/** 0 for what a filter drops; they do not add up to 1. */
function filtered(
  listed: ToyToken['listed'],
  { topK, topP, minP }: Omit<ToyKnobs, 'maxTokens' | 'temperature'>,
): readonly number[] {
  let weights = listed.map(({ tempered }) => Math.exp(tempered));
  if (topK > 0) weights = weights.map((p, at) => (at < topK ? p : 0));
  const whole = weights.reduce((a, b) => a + b, 0);
  let before = 0;
  weights = weights.map((p) => {
    const kept = before < topP * whole ? p : 0;
    before += p;
    return kept;
  });
  const floor = minP * Math.max(...weights);
  return weights.map((p) => (p >= floor ? p : 0));
}

/** The true distribution of what the toy draws from a table under a policy. */
export function truthOf(
  table: Table,
  knobs: Omit<ToyKnobs, 'maxTokens'>,
): ReadonlyMap<string, number> {
  const listed = withTemperature(table, knobs.temperature);
  const weights = filtered(listed, knobs);
  const sum = weights.reduce((a, b) => a + b, 0);
  return new Map(listed.map(({ text }, at) => [text, (weights[at] ?? 0) / sum]));
}

/** Mulberry32. */
export function uniformsOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
