/**
 * Pass@k of Qwen2.5-VL before and after RL as MedVLThinker published it. The numbers are in
 * `published/medvlthinker-passk.json`, read off a plot; this file gives them names. They are never mixed
 * with what this lab measures.
 */
import file from './published/medvlthinker-passk.json';

export const PUBLISHED_SIZES = ['3B', '7B'] as const;
export type PublishedSize = (typeof PUBLISHED_SIZES)[number];

/** The six sets together, then one by one; the names in the file. */
export const PUBLISHED_SETS = [
  { id: 'All', title: 'All six sets' },
  { id: 'pmc_vqa', title: 'PMC-VQA' },
  { id: 'MMMU-medical', title: 'MMMU, medical' },
  { id: 'MedXpertQA-MM', title: 'MedXpertQA-MM' },
  { id: 'pathvqa_closed', title: 'PathVQA, closed questions' },
  { id: 'slake_closed', title: 'SLAKE, closed questions' },
  { id: 'vqa_rad_closed', title: 'VQA-RAD, closed questions' },
] as const;
export type PublishedSetId = (typeof PUBLISHED_SETS)[number]['id'];

/** Which curves are looked at. */
export interface PublishedChoice {
  readonly size: PublishedSize;
  readonly set: PublishedSetId;
}

export const FIRST_CHOICE: PublishedChoice = { size: '3B', set: 'All' };

export type PublishedModelId = keyof (typeof file.data)[PublishedSize][PublishedSetId];

export interface PublishedModel {
  readonly id: PublishedModelId;
  readonly title: string;
  readonly stage: 'base' | 'rl';
  /** Weights and training, as published. */
  readonly about: string;
}

const MODELS: readonly PublishedModel[] = [
  { id: 'base', title: 'base', stage: 'base', about: file.models.base },
  { id: 'RL_m23k', title: 'RL on text', stage: 'rl', about: file.models.RL_m23k },
  { id: 'RL_pmc', title: 'RL on PMC-VQA', stage: 'rl', about: file.models.RL_pmc },
];

export interface PublishedCurve extends PublishedModel {
  /** Pass@k by k; `null` where the line is hidden under another one in the plot. */
  readonly points: readonly { readonly k: number; readonly value: number | null }[];
}

/** The base first, then its two RL runs. */
export function publishedCurves(
  size: PublishedSize,
  set: PublishedSetId,
): readonly PublishedCurve[] {
  return MODELS.map((model) => {
    const values = file.data[size][set][model.id];
    const about = model.about.replace('{3B,7B}', size);
    return { ...model, about, points: file.k.map((k, at) => ({ k, value: values[at] ?? null })) };
  });
}

/** Where the curves come from. */
export const CURVES_SOURCE = {
  name: 'UCSC-VLAA/MedVLThinker',
  url: 'https://github.com/UCSC-VLAA/MedVLThinker/tree/a3163b1',
  /** Commit and place in it. */
  place: 'commit a3163b1, analysis/plot_pass_n.ipynb, cell 13',
  license: 'Apache-2.0',
  temperature: file.sampling.temperature,
  topP: file.sampling.top_p,
  /** Samples per question. */
  n: file.sampling.n,
  /** Half width of what reading a plot leaves open. */
  readingError: 0.004,
} as const;
