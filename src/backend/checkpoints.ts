/** The table of built-in checkpoints. Another one is another row. */

import type { CheckpointRow } from './answer-backend.ts';

export const BUILT_IN_CHECKPOINTS: readonly CheckpointRow[] = [
  {
    id: 'tiny-sft',
    name: 'tiny-sft',
    stage: 'sft',
    about:
      'A teaching model trained from scratch on six MedMNIST sets: reasoning traces, then the answer.',
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
  },
];
