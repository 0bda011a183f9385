/**
 * From raw logits to the policy as sampled: temperature, then top-k, top-p, min-p, in the field's
 * usual order and meaning (each filter sees the distribution that the ones before it left).
 * All in float64. Rejected: truncating before the softmax for speed, which changes the policy.
 */

import type { SamplerSettings } from '../../src/core/types.ts';

export type PolicySettings = Pick<SamplerSettings, 'temperature' | 'topK' | 'topP' | 'minP'>;

export interface Policy {
  /** Probabilities by token id, shape `[vocabSize]`; 0 outside the kept set. */
  readonly probabilities: Float64Array;
  /** ln p of the raw model at T = 1, shape `[vocabSize]`, nats. */
  readonly modelLogProbs: Float64Array;
  /**
   * Distance, in probability, between a token at a filter's edge and the edge. Below the rounding
   * error of the logits another batch size may keep another set of tokens. Infinity without filters.
   */
  readonly edgeMargin: number;
}

export interface Draw {
  readonly tokenId: number;
  /** Distance of the uniform number to the nearest boundary between two tokens. */
  readonly margin: number;
}

/** Log-softmax at temperature 1 in float64. Throws when a logit is not finite. */
export function logSoftmax(logits: Float32Array): Float64Array {
  let largest = -Infinity;
  for (const logit of logits) if (logit > largest) largest = logit;
  if (!Number.isFinite(largest))
    throw new RangeError('The model returned logits that are not numbers.');
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  if (!Number.isFinite(sum))
    throw new RangeError('The model returned logits that are not numbers.');
  const logSum = Math.log(sum) + largest;
  return Float64Array.from(logits, (logit) => logit - logSum);
}

/** The filtered, renormalised distribution from which a token is drawn. T = 0 puts all mass on the largest logit (lowest id among equals). */
export function policyOf(logits: Float32Array, settings: PolicySettings): Policy {
  const modelLogProbs = logSoftmax(logits);
  if (settings.temperature === 0) return greedyPolicy(modelLogProbs);
  const probabilities = softmaxOf(modelLogProbs, settings.temperature);
  let edgeMargin = Infinity;
  if (settings.topK > 0 && settings.topK < probabilities.length) {
    edgeMargin = Math.min(edgeMargin, keepTopK(probabilities, settings.topK));
  }
  if (settings.topP < 1) edgeMargin = Math.min(edgeMargin, keepTopP(probabilities, settings.topP));
  if (settings.minP > 0) edgeMargin = Math.min(edgeMargin, keepMinP(probabilities, settings.minP));
  return { probabilities, modelLogProbs, edgeMargin };
}

/** Inverse-CDF draw in token-id order. */
export function drawToken(policy: Policy, uniform: number): Draw {
  let below = 0;
  let last = -1;
  const { probabilities } = policy;
  for (let id = 0; id < probabilities.length; id += 1) {
    const p = probabilities[id] ?? 0;
    if (p === 0) continue;
    const above = below + p;
    last = id;
    if (uniform < above) return { tokenId: id, margin: Math.min(uniform - below, above - uniform) };
    below = above;
  }
  // The sum of the kept probabilities can end a rounding error below 1.
  return { tokenId: last, margin: 0 };
}

function greedyPolicy(modelLogProbs: Float64Array): Policy {
  let best = 0;
  let second = -Infinity;
  for (let id = 1; id < modelLogProbs.length; id += 1) {
    const value = modelLogProbs[id] ?? -Infinity;
    const bestValue = modelLogProbs[best] ?? -Infinity;
    if (value > bestValue) {
      second = bestValue;
      best = id;
    } else if (value > second) second = value;
  }
  const probabilities = new Float64Array(modelLogProbs.length);
  probabilities[best] = 1;
  const edgeMargin = Math.exp(modelLogProbs[best] ?? -Infinity) - Math.exp(second);
  return { probabilities, modelLogProbs, edgeMargin };
}

function softmaxOf(logProbs: Float64Array, temperature: number): Float64Array {
  let largest = -Infinity;
  for (const value of logProbs) if (value > largest) largest = value;
  const weights = logProbs.map((value) => Math.exp((value - largest) / temperature));
  return normalise(weights);
}

function normalise(weights: Float64Array): Float64Array {
  let sum = 0;
  for (const weight of weights) sum += weight;
  for (let id = 0; id < weights.length; id += 1) weights[id] = (weights[id] ?? 0) / sum;
  return weights;
}

/** Token ids by falling probability, equal ones by rising id; tokens without mass left out. */
function ranked(probabilities: Float64Array): number[] {
  const ids: number[] = [];
  for (let id = 0; id < probabilities.length; id += 1)
    if ((probabilities[id] ?? 0) > 0) ids.push(id);
  return ids.sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
}

/** Zeroes what is not among the first `count` of `order`; returns the gap at the edge. */
function keepFirst(probabilities: Float64Array, order: readonly number[], count: number): number {
  const lastKept = probabilities[order[count - 1] ?? -1] ?? 0;
  const firstDropped = probabilities[order[count] ?? -1] ?? 0;
  for (const id of order.slice(count)) probabilities[id] = 0;
  normalise(probabilities);
  return count < order.length ? lastKept - firstDropped : Infinity;
}

function keepTopK(probabilities: Float64Array, topK: number): number {
  return keepFirst(probabilities, ranked(probabilities), topK);
}

/** Smallest set whose mass reaches `topP`, the crossing token included. */
function keepTopP(probabilities: Float64Array, topP: number): number {
  const order = ranked(probabilities);
  let mass = 0;
  let count = 0;
  let massMargin = Infinity;
  while (count < order.length && mass < topP) {
    mass += probabilities[order[count] ?? -1] ?? 0;
    massMargin = Math.min(massMargin, Math.abs(mass - topP));
    count += 1;
  }
  return Math.min(massMargin, keepFirst(probabilities, order, count));
}

/** Drops tokens below `minP` times the largest probability. */
function keepMinP(probabilities: Float64Array, minP: number): number {
  let largest = 0;
  for (const p of probabilities) if (p > largest) largest = p;
  const floor = minP * largest;
  let margin = Infinity;
  for (let id = 0; id < probabilities.length; id += 1) {
    const p = probabilities[id] ?? 0;
    if (p === 0) continue;
    margin = Math.min(margin, Math.abs(p - floor));
    if (p < floor) probabilities[id] = 0;
  }
  normalise(probabilities);
  return margin;
}
