/**
 * The table of built-in checkpoints, parents before children: the page keeps this order everywhere.
 * Another one is another row.
 */

import type { CheckpointRow } from './answer-backend.ts';

/** What all of the family have in common: weights, data and how they are stored. */
const TINY = {
  license: 'MIT (weights), trained on MedMNIST v2 (CC BY 4.0)',
  dtype: { vision_encoder: 'q8', embed_tokens: 'q8', decoder_model_merged: 'q4' },
  trainedOn: [
    'pathmnist',
    'pneumoniamnist',
    'retinamnist',
    'breastmnist',
    'bloodmnist',
    'organamnist',
  ],
} as const;

export const BUILT_IN_CHECKPOINTS: readonly CheckpointRow[] = [
  {
    id: 'tiny-sft',
    name: 'tiny-sft',
    stage: 'sft',
    parent: 'tiny-base',
    about: 'Supervised fine-tuning on labelled traces, stopped before it is sharp.',
    ...TINY,
  },
];

/** What is chosen when neither an address nor a recorded run names one. */
export const DEFAULT_CHECKPOINT_IDS: readonly string[] = ['tiny-sft'];
