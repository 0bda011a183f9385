/** What the Models screen says, in words. Pure. */

import type { AddedModel } from '../../state/added-model.svelte.ts';
import type { DtypeOffer } from '../../state/model-lookup.svelte.ts';
import type { ModelShelf } from '../../state/model-shelf.svelte.ts';
import { formatBytes } from '../../ui/format-amount.ts';

type Ability = NonNullable<ModelShelf['ability']>;

/** Data types with what they are, for people who do not know their names. */
const DTYPES: Readonly<Record<string, string>> = {
  q4f16: '4 bits a weight, computed in half precision',
  q4: '4 bits a weight',
  q8: '8 bits a weight',
  fp16: '16 bits a weight',
  fp32: '32 bits a weight, as trained',
};

export const dtypeWords = (dtype: string): string => DTYPES[dtype] ?? '';

/** What this machine could run, in a sentence. */
export function abilityWords({ kind, hasHalfPrecision, limits, memoryBytes }: Ability): string {
  const { tensorBytes, weightsBytes } = limits;
  return `${[
    kind === 'webgpu'
      ? `WebGPU ${hasHalfPrecision ? 'with' : 'without'} half precision`
      : 'Wasm on the processor, slow from a few hundred MB on',
    ...(tensorBytes === null ? [] : [`single buffers up to ${formatBytes(tensorBytes)}`]),
    ...(weightsBytes === null ? [] : [`weights up to ${formatBytes(weightsBytes)}`]),
    ...(memoryBytes === null ? [] : [`${formatBytes(memoryBytes)} of memory`]),
  ].join(', ')}. Whether it computes right is tested at each load.`;
}

/** What stands behind a data type: why not, what of it is here, whether it is the one to take. */
export function dtypeNote({
  refusal,
  caution,
  isRecommended,
  keptBytes,
  sizeBytes,
}: DtypeOffer): string {
  if (refusal !== null) return `not on this device: ${refusal}`;
  return [
    ...(isRecommended ? ['recommended here'] : []),
    ...(keptBytes === sizeBytes ? ['cached'] : []),
    ...(keptBytes > 0 && keptBytes < sizeBytes ? [`${formatBytes(keptBytes)} cached`] : []),
    ...(caution === null ? [] : [caution]),
  ].join(' · ');
}

/** Size against room; empty where the browser does not say. */
export function roomWords(missingBytes: number, freeBytes: number | null): string {
  if (missingBytes === 0) return 'Nothing to download: all of it is in this browser.';
  const room = freeBytes === null ? '' : ` This browser may still keep ${formatBytes(freeBytes)}.`;
  return `Downloads ${formatBytes(missingBytes)}.${room}`;
}

/** Where an added checkpoint comes from, ready to print. */
export function addedFacts({ entry, served, sizeBytes }: AddedModel): string {
  if (served) {
    const { model, servers } = served.origin;
    return [model, ...servers].join(' · ');
  }
  if (!('manifest' in entry)) return '';
  const { origin, manifest, dtype, license } = entry;
  const where =
    origin.kind === 'hub'
      ? `${origin.repository} at ${manifest.revision.slice(0, 8)}`
      : `folder ${origin.folder}`;
  return [where, dtype, formatBytes(sizeBytes), license].join(' · ');
}

type Concurrency = Parameters<ModelShelf['setConcurrency']>[1];

/** How many requests go to a server at a time. */
export const CONCURRENCIES: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'auto', label: 'automatic' },
  ...[1, 2, 4, 8, 16, 32, 64, 128, 256].map((count) => ({
    value: String(count),
    label: String(count),
  })),
];

export const concurrencyOf = (value: string): Concurrency =>
  value === 'auto' ? 'auto' : Number(value);

/** What of an added checkpoint is in the browser. */
export function keptWords({ keptBytes, sizeBytes, isKept }: AddedModel): string {
  if (isKept) return 'cached';
  if (keptBytes === 0) return 'not downloaded';
  return `${formatBytes(keptBytes)} of ${formatBytes(sizeBytes)} cached`;
}
