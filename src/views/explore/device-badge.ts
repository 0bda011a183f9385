/** What answers, in the few words of the header. Pure. */

import type { CheckpointSlot } from '../../state/checkpoint-choice.svelte.ts';

export type DeviceReport = NonNullable<CheckpointSlot['device']>;

export interface LoadedDevice {
  /** The checkpoint. */
  readonly id: string;
  readonly device: DeviceReport;
}

/** Devices of what is in memory, in the order of the table of checkpoints. */
export function loadedDevices(slots: readonly CheckpointSlot[]): readonly LoadedDevice[] {
  return slots.flatMap(({ id, device }) => (device ? [{ id, device }] : []));
}

/**
 * Words of the badge. `checked` is `null` where no first token was compared.
 *
 * @param hasServed whether a server answers for a checkpoint
 */
export function badgeWords(
  loaded: readonly LoadedDevice[],
  hasServed: boolean,
): {
  readonly label: string;
  readonly checked: boolean | null;
} {
  if (loaded.length === 0) {
    return { label: hasServed ? 'a server answers' : 'no checkpoint loaded', checked: null };
  }
  const checks = loaded.flatMap(({ device }) => device.selfCheck ?? []);
  return {
    label: [...new Set(loaded.map(({ device }) => deviceLabel(device)))].join(' and '),
    checked: checks.length === 0 ? null : checks.every(({ passed }) => passed),
  };
}

function deviceLabel({ kind, threads }: DeviceReport): string {
  if (kind === 'webgpu') return 'WebGPU';
  return `wasm, ${threads === 1 ? '1 thread' : `${String(threads)} threads`}`;
}
