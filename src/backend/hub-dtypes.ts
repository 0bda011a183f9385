/** Which data type of a checkpoint runs on a device, and which one to take: known before a download. */

import { filesTooLarge, type FileLimits } from '../protocol/file-limits.ts';
import type { HubDtype } from './hub-repository.ts';

export interface DeviceAbility {
  readonly kind: 'webgpu' | 'wasm';
  /** Whether its shaders compute in half precision. */
  readonly hasHalfPrecision: boolean;
  readonly limits: FileLimits;
  /** Memory of the machine; `null` where the browser does not tell, or only that it is 8 GiB or more. */
  readonly memoryBytes: number | null;
}

export interface DtypeChoice extends HubDtype {
  /** Why it does not run on this device, in words; `null` where nothing speaks against it. */
  readonly refusal: string | null;
  /** What may go wrong with it here, in words; `null` where nothing is known to. */
  readonly caution: string | null;
  /** The one to take; none is where none runs. */
  readonly isRecommended: boolean;
}

/** Small downloads that keep the numbers first; eight bits only where four do not exist. */
const PREFERENCE: Readonly<Record<DeviceAbility['kind'], readonly string[]>> = {
  webgpu: ['q4f16', 'q4', 'fp16', 'fp32'],
  wasm: ['q4', 'q8', 'fp32'],
};

/** The choices in the order they came, each with what this device makes of it. */
export function choicesFor(
  dtypes: readonly HubDtype[],
  device: DeviceAbility,
): readonly DtypeChoice[] {
  const judged = dtypes.map((choice) => ({
    ...choice,
    refusal: refusalOf(choice, device),
    caution: cautionOf(choice, device),
  }));
  const running = judged.filter(({ refusal }) => refusal === null).map(({ dtype }) => dtype);
  const best = PREFERENCE[device.kind].find((dtype) => running.includes(dtype));
  return judged.map((choice) => ({ ...choice, isRecommended: choice.dtype === best }));
}

function refusalOf({ dtype, manifest }: HubDtype, device: DeviceAbility): string | null {
  if (dtype.endsWith('f16') || dtype === 'fp16') {
    if (device.kind === 'wasm') return 'half precision needs a graphics device';
    if (!device.hasHalfPrecision) return 'this graphics device does not compute in half precision';
  }
  if (dtype === 'q8' && device.kind === 'webgpu') {
    return 'eight-bit decoders answer wrongly on graphics devices';
  }
  return filesTooLarge(
    manifest.files.filter(({ path }) => path.startsWith('onnx/')),
    device.limits,
  );
}

/** Weights are held once, and a run needs room beside them. */
const MEMORY_SHARE = 0.5;

function cautionOf({ sizeBytes }: HubDtype, { memoryBytes }: DeviceAbility): string | null {
  if (memoryBytes === null || sizeBytes <= MEMORY_SHARE * memoryBytes) return null;
  return `its files take more than half of this machine’s memory (${String(Math.round(memoryBytes / 2 ** 30))} GiB)`;
}
