import { expect, test } from 'vitest';
import { answerTexts, FREE_FORM_QUESTION, recordOf } from '../../core/record-fixture.ts';
import type { ItemRecord } from '../../core/types.ts';
import { groupRecords } from '../../state/run-groups.ts';
import { resultCaption } from './result-caption.ts';

function captionOf(...records: readonly ItemRecord[]): readonly string[] {
  const [group] = groupRecords(
    records.map((record) => ({
      ...{ record, image: null, origin: 'live' as const },
      ...{ createdAt: '2026-11-24T00:00:00.000Z', batch: 1 },
    })),
  );
  if (!group) throw new Error('There is no record.');
  return resultCaption(group);
}

const sft = recordOf(answerTexts('B', 16));
const rl = recordOf(answerTexts('B', 16), {
  answerer: { ...sft.answerer, checkpointId: 'tiny-rl', stage: 'rl', device: 'webgpu, Some GPU' },
});

test('everything that the picture is of', () => {
  expect(captionOf(sft, rl)).toEqual([
    'Image: BloodMNIST, test 0, 2 × 3 px',
    'Question (Which is it?): Which cell is this? Options: A basophil, B eosinophil, C monocyte, D neutrophil. Right: eosinophil.',
    'Checkpoints: tiny-sft (SFT) abc123, q4; tiny-rl (RL) abc123, q4; n = 16 samples each',
    'Sampler: K = 16, T 0.7, top-p 0.9, top-k off, min-p off, at most 2048 tokens, seed 123; prompt mode direct (supportlens-1)',
    'Devices: wasm, webgpu, Some GPU',
  ]);
});

test('an image of one’s own, a stopped run, filters that are on', () => {
  const { image, sampler } = sft;
  const lines = captionOf(
    recordOf(answerTexts('B', 5), {
      image: { ...image, dataset: null, split: null, index: null, name: 'scan.png' },
      sampler: { ...sampler, topP: 1, topK: 40, minP: 0.05 },
    }),
  );
  expect(lines[0]).toBe('Image: scan.png, 2 × 3 px');
  expect(lines[2]).toBe('Checkpoint: tiny-sft (SFT) abc123, q4; n = 5 samples');
  expect(lines[3]).toContain('top-p off, top-k 40, min-p 0.05');
  expect(lines[4]).toBe('Device: wasm');
});

test('free-form questions: the reference, a few of many spellings, none', () => {
  const of = (question: ItemRecord['question']): string | undefined =>
    captionOf(recordOf([], { question }))[1];
  expect(of(FREE_FORM_QUESTION)).toBe(
    'Question (Name it, without options): Which organ is shown? Right: left kidney.',
  );
  const grading = { by: 'synonyms', accepted: ['kidney', 'l. kidney', 'ren'] } as const;
  expect(of({ ...FREE_FORM_QUESTION, grading })).toMatch(
    /Right: left kidney, kidney, l\. kidney and others\.$/,
  );
  expect(of({ ...FREE_FORM_QUESTION, referenceAnswer: null })).toMatch(/No truth is marked\.$/);
});
