/**
 * The prefixes that an exact expansion has reached, with the raw logits after them: what stays when
 * the caches are gone, and enough to weigh the same texts under another policy without the model.
 */

import { parseAnswer } from '../../src/core/parser.ts';
import type { Question } from '../../src/core/types.ts';
import type { VlmEngine } from './engine.ts';
import { finishReasonOf } from './finish-reason.ts';
import { probabilitiesOf, type PolicySettings } from './policy.ts';
import { EMPTY_PREFIX, PrefixDecoder, type PrefixText } from './prefix-text.ts';

export interface Prefix {
  /** From the beginning of the answer, given tokens included. */
  readonly tokenIds: readonly number[];
  readonly text: PrefixText;
  /** The answer of a text that ends here (`null` is unparsed); `null` while it goes on. */
  readonly leaf: { readonly answer: string | null } | null;
  readonly children: { readonly tokenId: number; readonly prefix: Prefix }[];
  /** Raw logits after it, shape `[vocabSize]`, where the model was run on it and they were kept. */
  logits: Float32Array | null;
}

export interface AnswerTreeOptions {
  readonly question: Question;
  /** Hard limit on the tokens of an answer; given ones count. */
  readonly maxNewTokens: number;
  /** Tokens that the assistant is taken to have written. */
  readonly givenTokenIds: readonly number[];
  /** Above it, logits are kept of no prefix. */
  readonly logitsBytes: number;
}

/** Explored probability by answer; `null` is unparsed. */
export type AnswerMasses = Map<string | null, number>;

export class AnswerTree {
  readonly root: Prefix;
  private keptBytes = 0;
  private readonly keeping: Prefix[] = [];
  private readonly decoder: PrefixDecoder;

  constructor(
    private readonly engine: Pick<VlmEngine, 'decode' | 'decodesBytes' | 'endTokenIds'>,
    private readonly options: AnswerTreeOptions,
  ) {
    this.decoder = new PrefixDecoder(engine);
    const { givenTokenIds } = options;
    const text = givenTokenIds.reduce(
      (before, tokenId) => this.decoder.extend(before, tokenId),
      EMPTY_PREFIX,
    );
    this.root = this.prefix(givenTokenIds, text);
  }

  /** Are the logits of every expanded prefix there? */
  get hasLogits(): boolean {
    return this.keptBytes <= this.options.logitsBytes;
  }

  /** Adds a child that is not there yet, and parses its text when it ends there. */
  grow(parent: Prefix, tokenId: number): Prefix {
    const text = this.decoder.extend(parent.text, tokenId);
    const prefix = this.prefix([...parent.tokenIds, tokenId], text);
    parent.children.push({ tokenId, prefix });
    return prefix;
  }

  /** A budget that does not hold all logits holds none: a part of them would weigh nothing. */
  keepLogits(prefix: Prefix, logits: Float32Array): void {
    this.keptBytes += logits.byteLength;
    if (this.hasLogits) {
      prefix.logits = logits;
      this.keeping.push(prefix);
    } else {
      for (const other of this.keeping.splice(0)) other.logits = null;
    }
  }

  /**
   * Explored probability of each answer under another policy, exactly: every text that was found
   * gets the product of its tokens' new probabilities. What was not explored stays so.
   *
   * @returns `null` when logits were not kept
   */
  reweighted(settings: PolicySettings): AnswerMasses | null {
    if (!this.hasLogits) return null;
    const masses: AnswerMasses = new Map();
    const open = [{ prefix: this.root, mass: 1 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { prefix, mass } = next;
      if (prefix.leaf) addMass(masses, prefix.leaf.answer, mass);
      if (prefix.logits === null || prefix.children.length === 0) continue;
      const probabilities = probabilitiesOf(prefix.logits, settings);
      for (const child of prefix.children) {
        const childMass = mass * (probabilities[child.tokenId] ?? 0);
        if (childMass > 0) open.push({ prefix: child.prefix, mass: childMass });
      }
    }
    return masses;
  }

  private prefix(tokenIds: readonly number[], text: PrefixText): Prefix {
    const { question, maxNewTokens } = this.options;
    const written = {
      lastTokenId: tokenIds.at(-1) ?? -1,
      length: tokenIds.length,
      text: text.text,
    };
    const ends = finishReasonOf(this.engine, written, maxNewTokens) !== null;
    const leaf = ends ? { answer: parseAnswer(text.text, question).answer } : null;
    return { tokenIds, text, leaf, children: [], logits: null };
  }
}

export function addMass(masses: AnswerMasses, answer: string | null, mass: number): void {
  masses.set(answer, (masses.get(answer) ?? 0) + mass);
}
