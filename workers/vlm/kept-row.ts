/**
 * The logits of one prefix, kept so that its policy can be computed anew: the whole row, or its 256
 * largest and the drawn tokens, with the mass of the rest.
 *
 * What the short form costs. At the temperature of the run the rest's mass is known; at another it lies
 * between two bounds, and log-probabilities have half their distance as error, which is returned. A filter whose cut
 * lies among tokens that were left out, or between the bounds, cannot be told: the answer is `null`.
 */

import { probabilitiesOf, type PolicySettings } from './policy.ts';

export const KEPT_TOKENS = 256;

export interface KeptRow {
  /** Token ids of `logits`, ascending; `null` for a whole row. */
  readonly tokenIds: Int32Array | null;
  readonly logits: Float32Array;
  /** `null` for a whole row. */
  readonly rest: Rest | null;
}

/** The tokens that were left out. */
interface Rest {
  readonly count: number;
  readonly largestLogit: number;
  /** Temperature of `logSum`: that of the run. */
  readonly temperature: number;
  /** ln Σ exp(logit / temperature). */
  readonly logSum: number;
}

export interface TargetLogProbs {
  /** ln p of each asked token, nats; −Infinity where a filter drops it. */
  readonly logProbs: readonly number[];
  /** Bound of the error that they have in common, nats; 0 unless the row is short. */
  readonly error: number;
}

export function keepRow(logits: Float32Array): KeptRow {
  return { tokenIds: null, logits: logits.slice(), rest: null };
}

export function bytesOf({ tokenIds, logits }: KeptRow): number {
  return logits.byteLength + (tokenIds?.byteLength ?? 0);
}

/** The short form of a row; `drawn` tokens stay in it whatever their rank. `temperature` > 0. */
export function shortenRow(row: KeptRow, drawn: readonly number[], temperature: number): KeptRow {
  const { logits } = row;
  if (row.rest !== null || logits.length <= KEPT_TOKENS + drawn.length) return row;
  const edge = Float32Array.from(logits).sort()[logits.length - KEPT_TOKENS] ?? -Infinity;
  // Among equals at the edge the lowest ids stay, as in the ranking of the filters.
  let equals = KEPT_TOKENS - logits.reduce((count, logit) => count + Number(logit > edge), 0);
  const kept: number[] = [];
  let count = 0;
  let largestLogit = -Infinity;
  let sum = 0;
  for (const [id, logit] of logits.entries()) {
    if (logit > edge || (logit === edge && equals-- > 0) || drawn.includes(id)) kept.push(id);
    else {
      count += 1;
      largestLogit = Math.max(largestLogit, logit);
      // Relative to the edge, which no token that is left out exceeds.
      sum += Math.exp((logit - edge) / temperature);
    }
  }
  const logSum = edge / temperature + Math.log(sum);
  return {
    tokenIds: Int32Array.from(kept),
    logits: Float32Array.from(kept, (id) => logits[id] ?? -Infinity),
    rest: { count, largestLogit, temperature, logSum },
  };
}

/** ln p of `tokens` under `target`; `null` where a cut of its filters cannot be told. */
export function targetLogProbs(
  row: KeptRow,
  tokens: readonly number[],
  target: PolicySettings,
): TargetLogProbs | null {
  const { tokenIds, rest } = row;
  const places = tokenIds === null ? tokens : tokens.map((token) => tokenIds.indexOf(token));
  if (rest === null) return logProbsAt(row, places, target);
  const inside = cutInside(row, rest, target);
  if (inside !== null) return logProbsAt(row, places, inside);
  const isFiltered = target.topK > 0 || target.topP < 1 || target.minP > 0;
  return isFiltered ? null : openLogProbs(row, rest, places, target.temperature);
}

/** From the kept tokens alone: right where the target drops all others. */
function logProbsAt({ logits }: KeptRow, places: readonly number[], target: PolicySettings) {
  const probabilities = probabilitiesOf(logits, target);
  return { logProbs: places.map((place) => Math.log(probabilities[place] ?? 0)), error: 0 };
}

/** Settings that mean the same on the kept tokens alone; `null` when the others may matter. */
function cutInside(row: KeptRow, rest: Rest, target: PolicySettings): PolicySettings | null {
  const { temperature, topK, topP, minP } = target;
  if (temperature === 0 || (topK > 0 && topK <= KEPT_TOKENS)) return target;
  if (topK > 0) return null;
  if (topP < 1) {
    const [low, high] = restBounds(rest, temperature);
    const count = crossing(row, temperature, topP, low);
    if (count === null || count !== crossing(row, temperature, topP, high)) return null;
    return { ...target, topK: count, topP: 1 };
  }
  const largest = row.logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const reaches = rest.largestLogit - largest >= temperature * Math.log(minP);
  return minP > 0 && !reaches ? target : null;
}

/** Number of tokens that top-p keeps if the rest sums to exp(`restLogSum`); `null` beyond the largest kept. */
function crossing(
  row: KeptRow,
  temperature: number,
  topP: number,
  restLogSum: number,
): number | null {
  const scaled = Float64Array.from(row.logits, (logit) => logit / temperature)
    .sort()
    .reverse();
  const largest = scaled[0] ?? 0;
  const weights = scaled.map((value) => Math.exp(value - largest));
  const total = weights.reduce((a, b) => a + b, 0) + Math.exp(restLogSum - largest);
  let mass = 0;
  let count = 0;
  while (count < KEPT_TOKENS && mass < topP) {
    mass += (weights[count] ?? 0) / total;
    count += 1;
  }
  return mass >= topP ? count : null;
}

function openLogProbs(
  { logits }: KeptRow,
  rest: Rest,
  places: readonly number[],
  temperature: number,
) {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity) / temperature;
  const kept = logits.reduce((sum, logit) => sum + Math.exp(logit / temperature - largest), 0);
  const [low, high] = restBounds(rest, temperature).map(
    (logSum) => largest + Math.log(kept + Math.exp(logSum - largest)),
  ) as [number, number];
  const middle = (low + high) / 2;
  return {
    logProbs: places.map((place) => (logits[place] ?? -Infinity) / temperature - middle),
    error: (high - low) / 2,
  };
}

/**
 * Bounds of ln Σ exp(logit / temperature) over the rest. With x = exp(logit / T of the run), N values
 * of sum R and none above X, Σ x^β lies between N (R/N)^β (all equal) and X^(β−1) R (as few as can be):
 * the first is the smaller for β > 1, the larger for β < 1, and both are R at β = 1.
 */
function restBounds(rest: Rest, temperature: number): [number, number] {
  const beta = rest.temperature / temperature;
  const equal = beta * rest.logSum + (1 - beta) * Math.log(rest.count);
  const few = rest.logSum + ((beta - 1) * rest.largestLogit) / rest.temperature;
  return [Math.min(equal, few), Math.max(equal, few)];
}
