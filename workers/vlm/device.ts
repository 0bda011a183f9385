/**
 * Chooses where a checkpoint runs and which of the runtime's binaries is fetched for it.
 *
 * The WebGPU device is requested without `subgroups`: with it, grouped-query attention over a
 * prompt was measured to be silently wrong on one adapter (docs/decisions/0003). Whether a device
 * may answer is decided by the checkpoint's own self check, not by the adapter's name.
 */

import asyncifyMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjs from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import cpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import cpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { NamedError } from '../../src/protocol/errors.ts';
import type { DevicePreference, DeviceReport } from '../../src/protocol/vlm.ts';

export interface RuntimeBinary {
  readonly name: DeviceReport['binary'];
  readonly mjs: string;
  readonly wasm: string;
}

/** The features that we use where an adapter has them; never `subgroups`. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'timestamp-query'];

/** Limits that decide whether a checkpoint's buffers fit; taken as high as the adapter gives them. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const;

export interface GpuDevice {
  readonly device: GPUDevice;
  readonly adapter: string;
}

/** Binaries with the promise-integration API are smaller and serve both devices. */
export function chooseBinary(wantsGpu: boolean): RuntimeBinary {
  const hasPromiseIntegration = 'Suspending' in WebAssembly;
  if (hasPromiseIntegration) return { name: 'jspi', mjs: jspiMjs, wasm: jspiWasm };
  if (wantsGpu) return { name: 'asyncify', mjs: asyncifyMjs, wasm: asyncifyWasm };
  return { name: 'cpu', mjs: cpuMjs, wasm: cpuWasm };
}

/** One thread per core but the page's own where the page is cross-origin isolated, at most eight; else one. */
export function threadCount(): number {
  if (!self.crossOriginIsolated) return 1;
  return Math.max(1, Math.min(8, navigator.hardwareConcurrency - 1));
}

/**
 * A device of our own, or the reason why there is none.
 * Throws `DeviceUnavailable` when the user asked for WebGPU and cannot have it.
 */
export async function requestGpu(
  preference: DevicePreference,
): Promise<{ gpu: GpuDevice | null; reason: string }> {
  if (preference === 'wasm') return { gpu: null, reason: 'wasm was asked for' };
  const { gpu, reason } = await openGpu();
  if (gpu === null && preference === 'webgpu') {
    throw new NamedError('DeviceUnavailable', `WebGPU was asked for, but ${reason}.`);
  }
  return { gpu, reason };
}

async function openGpu(): Promise<{ gpu: GpuDevice | null; reason: string }> {
  if (!('gpu' in navigator)) return { gpu: null, reason: 'this browser has no WebGPU' };
  const adapter = await navigator.gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  if (adapter === null) return { gpu: null, reason: 'the browser found no graphics adapter' };
  try {
    const device = await adapter.requestDevice({
      requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(
        WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]),
      ),
    });
    return { gpu: { device, adapter: describeAdapter(adapter.info) }, reason: '' };
  } catch {
    return { gpu: null, reason: 'the graphics adapter gave no device' };
  }
}

function describeAdapter(info: GPUAdapterInfo): string {
  const parts = [info.vendor, info.architecture, info.description].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : 'unnamed adapter';
}
