/** Which files a device cannot hold: known from their sizes before a download. */

/** What a device allows its weights, bytes; `null` where nothing is known to limit it. */
export interface FileLimits {
  /** A single tensor. */
  readonly tensorBytes: number | null;
  /** All weights of a checkpoint together. */
  readonly weightsBytes: number | null;
}

export interface ModelFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** A JavaScript array buffer, in which every file arrives. */
const LARGEST_FILE_BYTES = 2 ** 31 - 1;

/**
 * Why these files cannot run on a device, in words, or `null` when nothing speaks against it. A file of
 * embeddings is one tensor; of another only its sum is known.
 */
export function filesTooLarge(files: readonly ModelFile[], limits: FileLimits): string | null {
  const { tensorBytes, weightsBytes } = limits;
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (weightsBytes !== null && total > weightsBytes) {
    return `its files take ${mebibytes(total)}, and this device allows ${mebibytes(weightsBytes)}`;
  }
  const tooLarge = files.find(
    ({ path, sizeBytes }) =>
      sizeBytes > LARGEST_FILE_BYTES ||
      (tensorBytes !== null && path.includes('embed_tokens') && sizeBytes > tensorBytes),
  );
  if (!tooLarge) return null;
  const limit = Math.min(tensorBytes ?? Infinity, LARGEST_FILE_BYTES);
  return `${tooLarge.path} takes ${mebibytes(tooLarge.sizeBytes)}, and this device allows ${mebibytes(limit)} in one piece`;
}

/** What a graphics device allows, by its WebGPU limits; its memory is told by no browser. */
export const gpuFileLimits = (limits: {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}): FileLimits => ({
  tensorBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
  weightsBytes: null,
});

/** On wasm: the runtime's heap ends at 4 GiB, and a quarter of it is kept for what a run needs. */
export const WASM_FILE_LIMITS: FileLimits = { tensorBytes: null, weightsBytes: 3 * 2 ** 30 };

const mebibytes = (bytes: number): string => `${String(Math.round(bytes / 2 ** 20))} MiB`;
