/** The stored reference numbers of `tiny-sft` (see test/fixtures/tiny-sft/README.md). */

import logitsJson from '../fixtures/tiny-sft/logits.json';
import processorJson from '../fixtures/tiny-sft/processor.json';
import type { PromptMode, Question, RgbImage } from '../../src/core/types.ts';

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const floatsOf = (base64: string): Float32Array => new Float32Array(bytesOf(base64).buffer);

export interface StoredItem {
  readonly name: string;
  readonly image: RgbImage;
  readonly question: Question;
  readonly mode: PromptMode;
  readonly userPrompt: string;
  readonly promptIds: readonly number[];
  readonly completionIds: readonly number[];
  readonly completionText: string;
  readonly quantizedCompletionIds: readonly number[];
  readonly positions: readonly number[];
  /** PyTorch's fp32 logits, one row of the vocabulary per position. */
  readonly logits: readonly Float32Array[];
}

const { vocabSize } = logitsJson;

export const storedItems: readonly StoredItem[] = logitsJson.items.map((item) => {
  const logits = floatsOf(item.logits);
  const options = item.options ?? [];
  return {
    name: `${item.dataset} ${String(item.index)} ${item.mode} ${options.length === 0 ? 'free-form' : 'options'}`,
    image: { width: 28, height: 28, data: bytesOf(item.image) },
    question: {
      text: item.question,
      options,
      correctOptions: options.length === 0 ? [] : [item.correctAnswer.charCodeAt(0) - 65],
      referenceAnswer: options.length === 0 ? item.correctAnswer : null,
    },
    mode: item.mode as PromptMode,
    userPrompt: item.userPrompt,
    promptIds: item.promptIds,
    completionIds: item.completionIds,
    completionText: item.completionText,
    quantizedCompletionIds: item.quantizedCompletionIds,
    positions: item.positions,
    logits: item.positions.map((_, row) => logits.subarray(row * vocabSize, (row + 1) * vocabSize)),
  };
});

/** Thinking items, as far apart in the list as can be: letters first, free-form last. */
export function thinkItems(count: number): readonly StoredItem[] {
  const all = storedItems.filter(({ mode }) => mode === 'think');
  const step = (all.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => all[Math.round(i * step)] as StoredItem);
}

export interface ProcessedImage {
  readonly name: string;
  readonly image: RgbImage;
  /** What Python's processor makes of it, shape `[3, 28, 28]`. */
  readonly pixelValues: Float32Array;
}

export const processedImages: readonly ProcessedImage[] = processorJson.items.map((item) => {
  const bytes = bytesOf(item.image);
  const data =
    item.channels === 3
      ? bytes
      : Uint8Array.from({ length: bytes.length * 3 }, (_, i) => bytes[Math.floor(i / 3)] ?? 0);
  return {
    name: item.name,
    image: { width: item.width, height: item.height, data },
    pixelValues: floatsOf(item.pixelValues),
  };
});
