/**
 * What this machine could run, asked without a worker and before any download. Whether it computes right
 * is told by the self-test of a load only.
 */

import { gpuFileLimits, WASM_FILE_LIMITS } from '../protocol/file-limits.ts';
import type { DevicePreference } from '../protocol/vlm.ts';
import type { DeviceAbility } from './hub-dtypes.ts';

export async function deviceAbility(preference: DevicePreference): Promise<DeviceAbility> {
  const adapter =
    preference === 'wasm' || !('gpu' in navigator)
      ? null
      : await navigator.gpu
          .requestAdapter({ powerPreference: 'high-performance' })
          .catch(() => null);
  const memoryBytes = statedMemory();
  if (adapter === null) {
    return { kind: 'wasm', hasHalfPrecision: false, limits: WASM_FILE_LIMITS, memoryBytes };
  }
  return {
    kind: 'webgpu',
    hasHalfPrecision: adapter.features.has('shader-f16'),
    limits: gpuFileLimits(adapter.limits),
    memoryBytes,
  };
}

/** Chromium tells it in steps, and 8 GiB for all that is more. */
function statedMemory(): number | null {
  const { deviceMemory = 8 } = navigator as { deviceMemory?: number };
  return deviceMemory < 8 ? deviceMemory * 2 ** 30 : null;
}
