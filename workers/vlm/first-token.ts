/**
 * The second half of the self-test: a checkpoint's log-probabilities of the first token, against stored
 * ones (`self-check.json` beside the weights) or, for a checkpoint without them, against what wasm
 * computes here. That is done once: the numbers are kept for the checkpoint's revision and data types,
 * and every later load is compared with them, so a new driver or adapter is tested like a first one.
 */

import * as v from 'valibot';
import type { RgbImage } from '../../src/core/types.ts';
import type { SelfCheck } from '../../src/protocol/vlm.ts';
import type { VlmEngine } from './engine.ts';
import { logSoftmax } from './policy.ts';

/** Largest difference of a log-probability, nats, that a device may show against the reference. */
const TOLERANCE = 0.02;
const KEPT_TOKENS = 64;
const CACHE_NAME = 'supportlens-first-tokens';

const topTokensSchema = v.pipe(
  v.array(v.object({ id: v.number(), logProb: v.number() })),
  v.minLength(1),
);

const storedSchema = v.object({
  image: v.string(),
  width: v.number(),
  height: v.number(),
  promptText: v.string(),
  /** The data types that the reference was made with. */
  dtypes: v.record(v.string(), v.string()),
  topTokenLogProbs: topTokensSchema,
});

/** A prompt and the most probable first tokens after it. */
export interface FirstTokens {
  readonly image: RgbImage;
  readonly promptText: string;
  readonly topTokenLogProbs: v.InferOutput<typeof topTokensSchema>;
}

/** What was stored beside the weights; `null` where nothing was, or for other data types. */
export async function storedFirstTokens(
  response: Response,
  dtype: string | Readonly<Record<string, string>>,
): Promise<FirstTokens | null> {
  if (response.status === 404) return null;
  const reference = v.parse(storedSchema, await response.json());
  const { image, width, height, promptText, dtypes, topTokenLogProbs } = reference;
  const sameTypes = Object.entries(dtypes).every(
    ([session, type]) => (typeof dtype === 'string' ? dtype : dtype[session]) === type,
  );
  if (!sameTypes) return null;
  const data = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
  return { image: { width, height, data }, promptText, topTokenLogProbs };
}

/** What wasm computed for this key; from the browser's cache, else with `makeEngine`, which is disposed. */
export async function wasmFirstTokens(
  key: string,
  makeEngine: () => Promise<VlmEngine>,
): Promise<FirstTokens> {
  const { image, promptText } = UNKNOWN_CHECKPOINT;
  // Pages without a secure context have no cache: they compute it every time.
  const cache = 'caches' in self ? await caches.open(CACHE_NAME) : null;
  const address = new URL(`first-tokens/${encodeURIComponent(key)}`, self.location.href);
  const known = await cache?.match(address);
  if (known) {
    const parsed = v.safeParse(topTokensSchema, await known.json());
    if (parsed.success) return { image, promptText, topTokenLogProbs: parsed.output };
  }
  const engine = await makeEngine();
  try {
    const logProbs = await logProbsOf(engine, image, promptText);
    const topTokenLogProbs = [...logProbs]
      .map((logProb, id) => ({ id, logProb }))
      .sort((a, b) => b.logProb - a.logProb)
      .slice(0, KEPT_TOKENS);
    await cache?.put(address, new Response(JSON.stringify(topTokenLogProbs)));
    return { image, promptText, topTokenLogProbs };
  } finally {
    await engine.dispose();
  }
}

/** Compares a device's first token with the reference. */
export async function checkFirstToken(
  engine: VlmEngine,
  { image, promptText, topTokenLogProbs }: FirstTokens,
): Promise<SelfCheck> {
  const startedAt = performance.now();
  const logProbs = await logProbsOf(engine, image, promptText);
  let maxAbsError = 0;
  for (const { id, logProb } of topTokenLogProbs) {
    const error = Math.abs((logProbs[id] ?? Infinity) - logProb);
    maxAbsError = Math.max(maxAbsError, error);
  }
  const elapsedMs = performance.now() - startedAt;
  return { passed: maxAbsError <= TOLERANCE, maxAbsError, limit: TOLERANCE, elapsedMs };
}

async function logProbsOf(
  engine: VlmEngine,
  image: RgbImage,
  promptText: string,
): Promise<Float64Array> {
  const { logits, cache } = await engine.prefill(image, promptText);
  engine.release(cache);
  return logSoftmax(logits);
}

/** Any picture and question do, as long as both devices get the same. */
const UNKNOWN_CHECKPOINT = {
  image: {
    width: 28,
    height: 28,
    data: Uint8Array.from({ length: 28 * 28 * 3 }, (_, i) => (i * 7919) % 251),
  },
  promptText: 'What is shown in this image? Answer in one sentence, and say how sure you are.',
};
