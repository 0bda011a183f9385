/**
 * The exact distribution on the real checkpoint, in direct mode: its bounds at ε = 1e-4 overlap those
 * of a depth-first walk over every prefix with a mass above 1e-7, written here alone, and 4,096
 * samples of the sampler agree. The walk shares the policy's definition (unit-tested against PyTorch)
 * and the parser with what it checks, and nothing of its tree, order, batches or end rule.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerBounds, type AnswerBounds } from '../../src/core/answer-bounds.ts';
import { parseAnswer } from '../../src/core/parser.ts';
import type { Question, RgbImage, SamplerSettings } from '../../src/core/types.ts';
import { isDatasetId } from '../../src/data/medmnist.ts';
import { buildPrompt } from '../../src/data/prompts.ts';
import { buildQuestion } from '../../src/data/questions.ts';
import { AnswerTree } from '../../workers/vlm/answer-tree.ts';
import type { KvCache, VlmEngine } from '../../workers/vlm/engine.ts';
import { expandExactly } from '../../workers/vlm/exact.ts';
import type { Loaded } from '../../workers/vlm/load.ts';
import { policyOf } from '../../workers/vlm/policy.ts';
import { sampleTree } from '../../workers/vlm/sampler.ts';
import { endWorkers, makeLibrary } from '../fixtures/npz/library.ts';
import { loadTinySft, OPEN_SAMPLER } from '../support/engine.ts';

const ITEMS = Number(import.meta.env['VITE_EXACT_ITEMS'] ?? 3);
const EPSILON = 1e-4;
const SMALLEST_MASS = 1e-7;
const SAMPLES = 4096;
/** Of all comparisons of a count with bounds together; Bonferroni shares it among them. */
const SIGNIFICANCE = 0.001;
/** A direct answer has three tokens, a letter in its tags; what goes on after a fourth is cut. */
const SAMPLER: SamplerSettings = { ...OPEN_SAMPLER, k: SAMPLES, maxNewTokens: 4 };

interface Item {
  readonly name: string;
  readonly image: RgbImage;
  readonly question: Question;
  readonly promptText: string;
}

/** Images of the six sets in turn. */
async function galleryItems(count: number): Promise<Item[]> {
  const sets = await makeLibrary().openGallery();
  return Array.from({ length: count }, (_, at): Item => {
    const set = sets[at % sets.length];
    const labelled = set?.images[Math.floor(at / sets.length)];
    const [label] = labelled?.label ?? [];
    if (!set || !labelled || label === undefined || !isDatasetId(set.dataset)) {
      throw new Error(`The gallery has no item ${String(at)}.`);
    }
    const index = labelled.source.index ?? at;
    const { question } = buildQuestion(set.dataset, label, { kind: 'options', index, seed: 7 });
    if (!question) throw new Error('A single label always makes a question.');
    const promptText = buildPrompt(question, 'direct', null).text;
    return { name: `${set.dataset} ${String(index)}`, image: labelled.image, question, promptText };
  });
}

/** Depth first, siblings in one pass. */
async function walk(engine: VlmEngine, item: Item) {
  const masses = new Map<string | null, number>();
  let nodes = 0;
  const descend = async (
    tokenIds: readonly number[],
    mass: number,
    logits: Float32Array,
    cache: KvCache,
    row: number,
  ): Promise<void> => {
    const goingOn: { tokenIds: readonly number[]; mass: number }[] = [];
    policyOf(logits, SAMPLER).probabilities.forEach((probability, tokenId) => {
      const child = { tokenIds: [...tokenIds, tokenId], mass: mass * probability };
      if (child.mass <= SMALLEST_MASS) return;
      const text = engine.decode(child.tokenIds);
      const hasEnded =
        engine.endTokenIds.has(tokenId) ||
        text.includes('</answer>') ||
        child.tokenIds.length >= SAMPLER.maxNewTokens;
      if (hasEnded) {
        const { answer } = parseAnswer(text, item.question);
        masses.set(answer, (masses.get(answer) ?? 0) + child.mass);
      } else goingOn.push(child);
    });
    for (let first = 0; first < goingOn.length; first += 128) {
      const siblings = goingOn.slice(first, first + 128);
      nodes += siblings.length;
      const forked = await engine.gather(
        cache,
        siblings.map(() => row),
      );
      const lastTokens = siblings.map((sibling) => sibling.tokenIds.at(-1) ?? 0);
      const step = await engine.step(forked, lastTokens);
      engine.release(forked);
      for (const [at, sibling] of siblings.entries()) {
        const own = step.logits.subarray(at * engine.vocabSize, (at + 1) * engine.vocabSize);
        await descend(sibling.tokenIds, sibling.mass, own, step.cache, at);
      }
      engine.release(step.cache);
    }
  };
  const { logits, cache } = await engine.prefill(item.image, item.promptText);
  await descend([], 1, logits, cache, 0);
  engine.release(cache);
  return { bounds: answerBounds(masses, item.question), nodes };
}

async function expand(engine: VlmEngine, item: Item) {
  const start = await engine.prefill(item.image, item.promptText);
  const { maxNewTokens } = SAMPLER;
  const { question } = item;
  const tree = new AnswerTree(engine, {
    question,
    maxNewTokens,
    givenTokenIds: [],
    logitsBytes: 2 ** 28,
  });
  const result = await expandExactly(engine, start, tree, {
    policy: SAMPLER,
    maxNewTokens,
    epsilon: EPSILON,
    nodeBudget: 20_000,
    maxRows: 256,
    memoryBytes: 2 ** 29,
    onPass: () => Promise.resolve(true),
  });
  engine.release(start.cache);
  return { ...result, bounds: answerBounds(result.masses, question) };
}

async function countAnswers(engine: VlmEngine, item: Item): Promise<Map<string | null, number>> {
  const counts = new Map<string | null, number>();
  const { image, promptText, question, name } = item;
  const prefill = await engine.prefill(image, promptText);
  await sampleTree(
    engine,
    prefill,
    { image, promptText, itemId: name, sampler: SAMPLER, greedy: false, firstIndex: 0 },
    {
      maxRows: 256,
      onStep: () => Promise.resolve(),
      onSample: ({ text }) => {
        const { answer } = parseAnswer(text, question);
        counts.set(answer, (counts.get(answer) ?? 0) + 1);
      },
    },
  );
  engine.release(prefill.cache);
  return counts;
}

const boundOf = ({ answers, residual }: AnswerBounds, answer: string | null) =>
  answers.find((bound) => bound.answer === answer) ?? { answer, lower: 0, upper: residual };

/** P(X ≤ count) and P(X ≥ count) of a binomial with n = SAMPLES, term by term. */
function binomialTails(count: number, p: number): { atMost: number; atLeast: number } {
  let logTerm = SAMPLES * Math.log1p(-p);
  let below = 0;
  let above = 0;
  for (let x = 0; x <= SAMPLES; x += 1) {
    const term = p === 0 ? Number(x === 0) : Math.exp(logTerm);
    if (x <= count) below += term;
    if (x >= count) above += term;
    logTerm += Math.log((SAMPLES - x) / (x + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return { atMost: below, atLeast: above };
}

let loaded: Loaded;
let items: readonly Item[];
beforeAll(async () => {
  loaded = await loadTinySft();
  items = await galleryItems(ITEMS);
});
afterAll(async () => {
  endWorkers();
  await loaded.engine.dispose();
});

/** The smallest p-value of all counts against bounds, and how many were compared. */
function worstPValue(counted: readonly (readonly [AnswerBounds, Map<string | null, number>])[]) {
  const pValues = counted.flatMap(([bounds, counts]) =>
    [...new Set([...bounds.answers.map(({ answer }) => answer), ...counts.keys()])].map(
      (answer) => {
        const { lower, upper } = boundOf(bounds, answer);
        const count = counts.get(answer) ?? 0;
        const tooFew = binomialTails(count, Math.min(lower, 1 - 1e-12)).atMost;
        const tooMany = binomialTails(count, Math.min(upper, 1 - 1e-12)).atLeast;
        return Math.min(1, 2 * Math.min(tooFew, tooMany));
      },
    ),
  );
  return { smallest: Math.min(...pValues), comparisons: pValues.length };
}

test(
  `bounds of ${String(ITEMS)} items overlap those of a walk, and ${String(SAMPLES)} samples agree`,
  { timeout: 3_600_000 },
  async () => {
    const { engine } = loaded;
    const counted: [AnswerBounds, Map<string | null, number>][] = [];
    const found = { nodes: 0, passes: 0, walked: 0, worstGap: -1, widestWalk: 0 };
    for (const item of items) {
      const expanded = await expand(engine, item);
      const walked = await walk(engine, item);
      expect(expanded.status, item.name).toBe('epsilon');
      expect(expanded.bounds.residual, item.name).toBeLessThan(EPSILON);
      expect(walked.bounds.residual, item.name).toBeLessThan(1e-3);
      for (const { answer } of [...expanded.bounds.answers, ...walked.bounds.answers]) {
        const own = boundOf(expanded.bounds, answer);
        const other = boundOf(walked.bounds, answer);
        const gap = Math.max(own.lower - other.upper, other.lower - own.upper);
        expect(gap, `${item.name}, ${String(answer)}`).toBeLessThanOrEqual(0);
        found.worstGap = Math.max(found.worstGap, gap);
      }
      counted.push([expanded.bounds, await countAnswers(engine, item)]);
      found.nodes += expanded.nodes;
      found.passes += expanded.passes;
      found.walked += walked.nodes;
      found.widestWalk = Math.max(found.widestWalk, walked.bounds.residual);
      console.info(
        `exact: ${item.name}: ${String(expanded.nodes)} nodes in ${String(expanded.passes)} passes, the walk ${String(walked.nodes)} nodes and residual ${walked.bounds.residual.toPrecision(2)}`,
      );
    }
    const { smallest, comparisons } = worstPValue(counted);
    console.info(
      `exact: ${String(items.length)} items: ${JSON.stringify(found)}; samples: smallest p of ${String(comparisons)} is ${smallest.toPrecision(3)}`,
    );
    expect(smallest).toBeGreaterThan(SIGNIFICANCE / comparisons);
    // The same comparison tells the answers of one item from the bounds of another.
    const shifted = counted.map(
      ([bounds], at) => [bounds, counted[(at + 1) % counted.length]?.[1] ?? new Map()] as const,
    );
    expect(worstPValue(shifted).smallest).toBeLessThan(SIGNIFICANCE / comparisons);
  },
);
