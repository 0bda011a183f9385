/** The lines of a saved picture's caption that all screens have in common. Pure. */
import { RESAMPLES } from '../core/sets/resampling.ts';
import type { Answerer, SamplerSettings, Stage } from '../core/types.ts';
import { checkpointWords } from './chart-facts.ts';

const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  base: 'base',
  sft: 'SFT',
  rl: 'RL',
  other: 'other',
};

const unique = (words: readonly string[]): readonly string[] => [...new Set(words)];

/** Every knob, also those that are off: `K = 16, T 0.7, top-p 0.9, top-k off, min-p off, at most 2048 tokens, seed 123`. */
export function samplerInFull(sampler: SamplerSettings): string {
  const { k, temperature, topP, topK, minP, maxNewTokens, seed } = sampler;
  return [
    `K = ${String(k)}`,
    `T ${String(temperature)}`,
    `top-p ${topP < 1 ? String(topP) : 'off'}`,
    `top-k ${topK > 0 ? String(topK) : 'off'}`,
    `min-p ${minP > 0 ? String(minP) : 'off'}`,
    `at most ${String(maxNewTokens)} tokens`,
    `seed ${String(seed)}`,
  ].join(', ');
}

/** `Checkpoints: tiny-sft (SFT) 3fcfc21, q4; …` */
export function checkpointLine(answerers: readonly Answerer[]): string {
  const words = unique(
    answerers.map((one) => {
      const { checkpointId, stage } = one;
      return checkpointWords(one).replace(checkpointId, `${checkpointId} (${STAGE_NAMES[stage]})`);
    }),
  );
  return `${words.length === 1 ? 'Checkpoint' : 'Checkpoints'}: ${words.join('; ')}`;
}

/** `Device: wasm`, or all that were used. */
export function deviceLine(answerers: readonly Answerer[]): string {
  const devices = unique(answerers.map(({ device }) => device));
  return `${devices.length === 1 ? 'Device' : 'Devices'}: ${devices.join(', ')}`;
}

/** `Intervals: 95 %, bootstrap over items within each set, 2,000 resamples`. */
export const intervalLine = (bootstrap = 'bootstrap'): string =>
  `Intervals: 95 %, ${bootstrap} over items within each set, ${RESAMPLES.toLocaleString('en')} resamples`;

/** @param nulls does the run draw them? */
export const nullsLine = (nulls: boolean): string =>
  nulls ? 'Nulls: a second seed and wrong images were asked for' : 'Nulls: none were drawn';

/** The last line of every file. */
export const colophon = (appVersion: string): string =>
  `Supportlens ${appVersion} · teaching and research only, not for clinical use`;
