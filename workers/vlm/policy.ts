/**
 * From raw logits to the policy as sampled: temperature, then top-k, top-p, min-p, in the field's
 * usual order and meaning (each filter sees the distribution that the ones before it left).
 * All in float64. Rejected: truncating before the softmax for speed, which changes the policy.
 */

import type { PolicySettings } from '../../src/core/types.ts';
import { RankedTokens } from './ranked-tokens.ts';

export type { PolicySettings };

export interface Draw {
  readonly tokenId: number;
  /** Distance of the uniform number to the nearest boundary between two tokens. */
  readonly margin: number;
}

/** The distribution at one prefix. What not every caller needs is computed when it is asked for. */
export class Policy {
  private cumulative: Float64Array | null = null;

  constructor(
    private readonly logits: Float32Array,
    /** ln Σ exp(logit), nats. */
    private readonly logSum: number,
    /** Probabilities by token id, shape `[vocabSize]`; 0 outside the kept set. */
    readonly probabilities: Float64Array,
    /**
     * Distance, in probability, between a token at a filter's edge and the edge. Below the rounding
     * error of the logits another batch size may keep another set of tokens. Infinity without filters.
     */
    readonly edgeMargin: number,
  ) {}

  /** ln p of one token under the raw model at T = 1, nats. */
  modelLogProb(tokenId: number): number {
    return (this.logits[tokenId] ?? -Infinity) - this.logSum;
  }

  /** ln p of every token under the raw model at T = 1, shape `[vocabSize]`, nats; made anew by each call. */
  get modelLogProbs(): Float64Array {
    return Float64Array.from(this.logits, (logit) => logit - this.logSum);
  }

  /** Inverse-CDF draw in token-id order; `uniform` in [0, 1). */
  draw(uniform: number): Draw {
    const cumulative = (this.cumulative ??= partialSums(this.probabilities));
    // The first token whose partial sum exceeds `uniform` has mass of its own.
    let low = 0;
    let high = cumulative.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? 0) > uniform) high = middle;
      else low = middle + 1;
    }
    // The sum of the kept probabilities can end a rounding error below 1.
    if (low === cumulative.length) return { tokenId: lastWithMass(this.probabilities), margin: 0 };
    const below = low === 0 ? 0 : (cumulative[low - 1] ?? 0);
    const above = cumulative[low] ?? 0;
    return { tokenId: low, margin: Math.min(uniform - below, above - uniform) };
  }
}

/** Log-softmax at temperature 1 in float64. Throws when a logit is not finite. */
export function logSoftmax(logits: Float32Array): Float64Array {
  const logSum = logSumOf(softmax(logits, 1));
  return Float64Array.from(logits, (logit) => logit - logSum);
}

/** The filtered, renormalised distribution from which a token is drawn. T = 0 puts all mass on the largest logit (lowest id among equals). */
export function policyOf(logits: Float32Array, settings: PolicySettings): Policy {
  const raw = softmax(logits, 1);
  const logSum = logSumOf(raw);
  if (settings.temperature === 0) return greedyPolicy(logits, logSum);
  const { probabilities } =
    settings.temperature === 1 ? raw : softmax(logits, settings.temperature);
  return new Policy(logits, logSum, probabilities, applyFilters(probabilities, settings));
}

/**
 * Only the probabilities of `policyOf`, for callers that have no use for the raw model's.
 * Logits of −Infinity (tokens that are not there) get none.
 */
export function probabilitiesOf(logits: Float32Array, settings: PolicySettings): Float64Array {
  if (settings.temperature > 0) {
    const { probabilities } = softmax(logits, settings.temperature);
    applyFilters(probabilities, settings);
    return probabilities;
  }
  const probabilities = new Float64Array(logits.length);
  probabilities[largestTwo(logits).best] = 1;
  return probabilities;
}

/** Filters in place; returns the edge margin. */
function applyFilters(probabilities: Float64Array, settings: PolicySettings): number {
  let edgeMargin = Infinity;
  if (settings.topK > 0 && settings.topK < probabilities.length) {
    edgeMargin = Math.min(edgeMargin, keepTopK(probabilities, settings.topK));
  }
  if (settings.topP < 1) edgeMargin = Math.min(edgeMargin, keepTopP(probabilities, settings.topP));
  if (settings.minP > 0) edgeMargin = Math.min(edgeMargin, keepMinP(probabilities, settings.minP));
  return edgeMargin;
}

interface Softmax {
  readonly probabilities: Float64Array;
  readonly largest: number;
  /** Σ exp((logit − largest) / temperature). */
  readonly sum: number;
}

function softmax(logits: Float32Array, temperature: number): Softmax {
  const size = logits.length;
  const largest = largestOf(logits);
  const probabilities = new Float64Array(size);
  let sum = 0;
  for (let id = 0; id < size; id += 1) {
    const weight = Math.exp(((logits[id] ?? 0) - largest) / temperature);
    probabilities[id] = weight;
    sum += weight;
  }
  for (let id = 0; id < size; id += 1) probabilities[id] = (probabilities[id] ?? 0) / sum;
  return { probabilities, largest, sum };
}

/** ln Σ exp(logit), from a softmax at T = 1. Throws when a logit is not a number or none is finite. */
function logSumOf({ largest, sum }: Softmax): number {
  if (!Number.isFinite(largest) || !Number.isFinite(sum)) {
    throw new RangeError('The model returned logits that are not numbers.');
  }
  return Math.log(sum) + largest;
}

/** By index: an iterator takes four times as long, once for every row of every step. */
function largestOf(logits: Float32Array): number {
  const size = logits.length;
  let largest = -Infinity;
  for (let id = 0; id < size; id += 1) {
    const logit = logits[id] ?? -Infinity;
    if (logit > largest) largest = logit;
  }
  return largest;
}

/** The largest logit (lowest id among equals) and the second largest value. */
function largestTwo(logits: Float32Array): { best: number; second: number } {
  let best = 0;
  let second = -Infinity;
  for (let id = 1; id < logits.length; id += 1) {
    const value = logits[id] ?? -Infinity;
    const bestValue = logits[best] ?? -Infinity;
    if (value > bestValue) {
      second = bestValue;
      best = id;
    } else if (value > second) second = value;
  }
  return { best, second };
}

function greedyPolicy(logits: Float32Array, logSum: number): Policy {
  const { best, second } = largestTwo(logits);
  const probabilities = new Float64Array(logits.length);
  probabilities[best] = 1;
  const edgeMargin = Math.exp((logits[best] ?? -Infinity) - logSum) - Math.exp(second - logSum);
  return new Policy(logits, logSum, probabilities, edgeMargin);
}

function normalise(weights: Float64Array): void {
  let sum = 0;
  for (const weight of weights) sum += weight;
  for (let id = 0; id < weights.length; id += 1) weights[id] = (weights[id] ?? 0) / sum;
}

function partialSums(probabilities: Float64Array): Float64Array {
  const size = probabilities.length;
  const sums = new Float64Array(size);
  let sum = 0;
  for (let id = 0; id < size; id += 1) {
    sum += probabilities[id] ?? 0;
    sums[id] = sum;
  }
  return sums;
}

function lastWithMass(probabilities: Float64Array): number {
  let id = probabilities.length - 1;
  while (id > 0 && probabilities[id] === 0) id -= 1;
  return id;
}

/** Zeroes all but the tokens `kept`, of which the last is the least; returns the gap to `next`. */
function keepOnly(probabilities: Float64Array, kept: readonly number[], next: number | null) {
  const values = kept.map((id) => probabilities[id] ?? 0);
  const firstDropped = next === null ? null : (probabilities[next] ?? 0);
  probabilities.fill(0);
  kept.forEach((id, rank) => (probabilities[id] = values[rank] ?? 0));
  normalise(probabilities);
  return firstDropped === null ? Infinity : (values.at(-1) ?? 0) - firstDropped;
}

function keepTopK(probabilities: Float64Array, topK: number): number {
  const ranking = new RankedTokens(probabilities);
  const kept: number[] = [];
  let next = ranking.next();
  while (next !== null && kept.length < topK) {
    kept.push(next);
    next = ranking.next();
  }
  return keepOnly(probabilities, kept, next);
}

/** Smallest set whose mass reaches `topP`, the crossing token included. */
function keepTopP(probabilities: Float64Array, topP: number): number {
  const ranking = new RankedTokens(probabilities);
  const kept: number[] = [];
  let mass = 0;
  let massMargin = Infinity;
  let next = ranking.next();
  while (next !== null && mass < topP) {
    mass += probabilities[next] ?? 0;
    massMargin = Math.min(massMargin, Math.abs(mass - topP));
    kept.push(next);
    next = ranking.next();
  }
  return Math.min(massMargin, keepOnly(probabilities, kept, next));
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
