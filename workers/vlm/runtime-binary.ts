/** Which of the runtime's binaries this browser is given: the worker loads it, the service worker keeps it. */

import type { DeviceReport } from '../../src/protocol/vlm.ts';

export type BinaryName = DeviceReport['binary'];

/** Binaries with the promise-integration API are smaller and serve both devices. */
export function binaryFor(wantsGpu: boolean): BinaryName {
  if ('Suspending' in WebAssembly) return 'jspi';
  return wantsGpu ? 'asyncify' : 'cpu';
}

/** Whether there is a graphics adapter at all: it decides which binary is worth a download. */
export async function hasAdapter(): Promise<boolean> {
  if (!('gpu' in navigator)) return false;
  return (await navigator.gpu.requestAdapter().catch(() => null)) !== null;
}
