/**
 * What a runtime holds, seen from outside: the wasm heap, and graphics buffers made and not destroyed,
 * with the bytes that were read back from them. Install before the runtime is loaded.
 */

export interface MemoryProbe {
  /** Bytes of the largest wasm memory. */
  readonly wasmBytes: () => number;
  /** Graphics buffers that were made and not destroyed. */
  readonly liveBuffers: () => number;
  /** Bytes mapped for reading since the last call. */
  readonly takeReadBytes: () => number;
}

export function installMemoryProbe(): MemoryProbe {
  const memories = new Set<WebAssembly.Memory>();
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.add(this);
    }
  };
  let live = 0;
  let readBytes = 0;
  if ('GPUDevice' in globalThis) {
    const { createBuffer } = GPUDevice.prototype;
    const { destroy, mapAsync } = GPUBuffer.prototype;
    const counted = new WeakSet<GPUBuffer>();
    GPUDevice.prototype.createBuffer = function (this: GPUDevice, descriptor) {
      const buffer = createBuffer.call(this, descriptor);
      counted.add(buffer);
      live += 1;
      return buffer;
    };
    GPUBuffer.prototype.destroy = function (this: GPUBuffer) {
      if (counted.delete(this)) live -= 1;
      return destroy.call(this);
    };
    GPUBuffer.prototype.mapAsync = function (this: GPUBuffer, ...args) {
      const [mode, offset = 0, size = this.size - offset] = args;
      if ((mode & GPUMapMode.READ) !== 0) readBytes += size;
      return mapAsync.apply(this, args);
    };
  }
  return {
    wasmBytes: () => Math.max(0, ...[...memories].map(({ buffer }) => buffer.byteLength)),
    liveBuffers: () => live,
    takeReadBytes: () => {
      const bytes = readBytes;
      readBytes = 0;
      return bytes;
    },
  };
}
