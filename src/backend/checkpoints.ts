/**
 * The table of built-in checkpoints, parents before children: the page keeps this order everywhere.
 * Another one is another row.
 */

import type { CheckpointRow } from './answer-backend.ts';

const SIX_SETS = [
  'pathmnist',
  'pneumoniamnist',
  'retinamnist',
  'breastmnist',
  'bloodmnist',
  'organamnist',
] as const;

/** What all of the family have in common: weights, data and how they are stored. */
const TINY = {
  license: 'MIT (weights), trained on MedMNIST v2 (CC BY 4.0)',
  dtype: { vision_encoder: 'q8', embed_tokens: 'q8', decoder_model_merged: 'q4' },
  trainedOn: SIX_SETS,
} as const;

export const BUILT_IN_CHECKPOINTS: readonly CheckpointRow[] = [
  {
    id: 'tiny-base',
    name: 'tiny-base',
    stage: 'base',
    parent: null,
    about: 'Format, options and modality; class labels for about two percent of the images.',
    rlOn: [],
    ...TINY,
  },
  {
    id: 'tiny-sft',
    name: 'tiny-sft',
    stage: 'sft',
    parent: 'tiny-base',
    about: 'Supervised fine-tuning on labelled traces, stopped before it is sharp.',
    rlOn: [],
    ...TINY,
  },
  {
    id: 'tiny-sft-more',
    name: 'tiny-sft-more',
    stage: 'sft',
    parent: 'tiny-sft',
    about: 'As much more supervised fine-tuning as RL had compute: the control for RL.',
    rlOn: [],
    ...TINY,
  },
  {
    id: 'tiny-rl',
    name: 'tiny-rl',
    stage: 'rl',
    parent: 'tiny-sft',
    about: 'GRPO on a small balanced set.',
    rlOn: SIX_SETS,
    ...TINY,
  },
  {
    id: 'tiny-base-rl',
    name: 'tiny-base-rl',
    stage: 'rl',
    parent: 'tiny-base',
    about: 'The same GRPO without support, straight from the base.',
    rlOn: SIX_SETS,
    ...TINY,
  },
  {
    id: 'tiny-rl-one',
    name: 'tiny-rl-one',
    stage: 'rl',
    parent: 'tiny-sft',
    about: 'GRPO on one modality only.',
    rlOn: ['organamnist'],
    ...TINY,
  },
];

/** Models that only see, for Probe; they answer nothing. */
export const BUILT_IN_TOWERS: readonly CheckpointRow[] = [
  {
    id: 'tiny-vision',
    name: 'tiny-vision',
    stage: 'other',
    parent: null,
    about: 'The family’s own vision tower, trained to tell classes without any language.',
    license: TINY.license,
    dtype: { model: 'q8' },
    trainedOn: SIX_SETS,
    rlOn: [],
  },
];

/** What is chosen when neither an address nor a recorded run names one. */
export const DEFAULT_CHECKPOINT_IDS: readonly string[] = ['tiny-sft'];
