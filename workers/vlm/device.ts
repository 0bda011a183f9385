/**
 * The ladder of devices: WebGPU, WebGPU without `subgroups`, wasm. A rung is opened here, and what it
 * allows is read from it; whether it may answer is decided by the self-test, not by an adapter's name
 * (docs/decisions/0003). Also which of the runtime's binaries is fetched.
 */

import asyncifyMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjs from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import cpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import cpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { gpuFileLimits, WASM_FILE_LIMITS } from '../../src/protocol/file-limits.ts';
import { isolatedThreads } from '../../src/protocol/threads.ts';
import type { DevicePreference, RungName } from '../../src/protocol/vlm.ts';
import type { MemoryLimits } from './memory-plan.ts';
import { binaryFor, type BinaryName } from './runtime-binary.ts';

export interface RuntimeBinary {
  readonly name: BinaryName;
  readonly mjs: string;
  readonly wasm: string;
}

/** The features that we use where an adapter has them, beside `subgroups` on the first rung. */
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

/** A rung as opened, or why it could not be. `gpu` is `null` on wasm. */
export type OpenedRung =
  | { readonly ok: true; readonly gpu: GpuDevice | null }
  | { readonly ok: false; readonly reason: string };

/** The rungs that a preference allows, the fastest first. */
export function rungsFor(preference: DevicePreference): readonly RungName[] {
  const gpu: readonly RungName[] = ['webgpu', 'webgpu-without-subgroups'];
  if (preference === 'auto') return [...gpu, 'wasm'];
  return preference === 'webgpu' ? gpu : ['wasm'];
}

const BINARIES: Readonly<Record<BinaryName, RuntimeBinary>> = {
  jspi: { name: 'jspi', mjs: jspiMjs, wasm: jspiWasm },
  asyncify: { name: 'asyncify', mjs: asyncifyMjs, wasm: asyncifyWasm },
  cpu: { name: 'cpu', mjs: cpuMjs, wasm: cpuWasm },
};

export const chooseBinary = (wantsGpu: boolean): RuntimeBinary => BINARIES[binaryFor(wantsGpu)];

/** Several where the page is cross-origin isolated, else one. */
export const threadCount = (): number =>
  self.crossOriginIsolated ? isolatedThreads(navigator.hardwareConcurrency) : 1;

/** Opens one rung: a device of our own, which the caller destroys, or nothing to open on wasm. */
export async function openRung(rung: RungName): Promise<OpenedRung> {
  if (rung === 'wasm') return { ok: true, gpu: null };
  if (!('gpu' in navigator)) return { ok: false, reason: 'this browser has no WebGPU' };
  const adapter = await navigator.gpu
    .requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  if (adapter === null) return { ok: false, reason: 'the browser found no graphics adapter' };
  const wantsSubgroups = rung === 'webgpu';
  if (wantsSubgroups && !adapter.features.has('subgroups')) {
    return { ok: false, reason: 'the graphics adapter has no subgroups' };
  }
  const features = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  try {
    const device = await adapter.requestDevice({
      requiredFeatures: wantsSubgroups ? [...features, 'subgroups'] : features,
      requiredLimits: Object.fromEntries(
        WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]),
      ),
    });
    return { ok: true, gpu: { device, adapter: describeAdapter(adapter.info) } };
  } catch {
    return { ok: false, reason: 'the graphics adapter gave no device' };
  }
}

const GIB = 2 ** 30;
/** The runtime's heap cannot grow further. */
const WASM_HEAP_BYTES = 4 * GIB;
/** A browser does not tell how much memory a graphics device has: what samples may take of it. */
const GPU_SAMPLES_BYTES = GIB;
/** Where the browser does not tell the machine's memory. */
const ASSUMED_MEMORY_GIB = 4;

/** What a device allows a checkpoint whose files take `weightsBytes`. */
export function memoryLimits(gpu: GpuDevice | null, weightsBytes: number): MemoryLimits {
  if (gpu) {
    return { totalBytes: GPU_SAMPLES_BYTES, ...gpuFileLimits(gpu.device.limits) };
  }
  // Chromium tells it, in steps and at most 8.
  const { deviceMemory = ASSUMED_MEMORY_GIB } = navigator as { deviceMemory?: number };
  return {
    totalBytes: Math.max(0, Math.min((deviceMemory * GIB) / 4, WASM_HEAP_BYTES - weightsBytes)),
    ...WASM_FILE_LIMITS,
  };
}

/** Features and the limits that matter here, for the report. */
export function describeDevice(gpu: GpuDevice | null) {
  const limits = WANTED_LIMITS.map((limit) => [limit, gpu?.device.limits[limit] ?? 0] as const);
  return {
    adapter: gpu?.adapter ?? null,
    features: gpu ? [...gpu.device.features].sort() : [],
    limits: gpu ? Object.fromEntries(limits) : {},
  };
}

function describeAdapter(info: GPUAdapterInfo): string {
  const parts = [info.vendor, info.architecture, info.description].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : 'unnamed adapter';
}
