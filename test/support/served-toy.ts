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

/** What can follow a text. */
function tableAfter(text: string, isProbe: boolean, place: number): Table {
  if (isProbe) return place < PROBE_WORDS ? WORDS : ALWAYS_END;
  if (text === '') return OPENINGS;
  if (text === '<answer>' || text === 'Answer: ') return LETTERS;
  if (text.startsWith('<answer>') && !text.endsWith('</answer>')) return [['</answer>', 1]];
  return ALWAYS_END;
}

const ids = new Map<string, number>();
function idOf(text: string): number {
  const known = ids.get(text) ?? ids.size + 10;
  ids.set(text, known);
  return known;
}

/** @param uniform numbers in [0, 1) */
export function drawToy(isProbe: boolean, knobs: ToyKnobs, uniform: () => number): ToyToken[] {
  const tokens: ToyToken[] = [];
  let text = '';
  while (tokens.length < knobs.maxTokens) {
    const table = tableAfter(text, isProbe, tokens.length);
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

function pick(
  listed: ToyToken['listed'],
  { temperature, topK, topP, minP }: ToyKnobs,
  uniform: () => number,
): number {
  if (temperature === 0) return 0;
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
  weights = weights.map((p) => (p >= floor ? p : 0));
  let left = uniform() * weights.reduce((a, b) => a + b, 0);
  for (const [at, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return at;
  }
  return 0;
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
