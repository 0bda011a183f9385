/**
 * What of the build the service worker keeps, and when. Ahead, when it is installed: everything that
 * the page and the built-in family need. At use: what is large and seldom asked for. Of the runtime's
 * three binaries only the one that this browser runs is fetched ahead; another one is kept when a
 * person's choice of a device asks for it.
 */

import type { BinaryName } from '../vlm/runtime-binary.ts';

/** A file of the build; `revision` is a hash of its bytes, `null` where its name has one. */
export interface BuildFile {
  /** Relative to the page, e.g. `models/tiny-sft/config.json`. */
  readonly url: string;
  readonly revision: string | null;
}

const AT_USE: readonly RegExp[] = [
  /^assets\/ort-wasm[^/]*\.wasm$/,
  // Weights in full precision, for devices that want them: 15 MB, beside 3 MB of the same checkpoint.
  /^models\/[^/]+\/onnx\/(decoder_model_merged|embed_tokens|vision_encoder)\.onnx$/,
];

const BINARY_FILES: Readonly<Record<BinaryName, RegExp>> = {
  jspi: /^assets\/ort-wasm-simd-threaded\.jspi-[^/]*\.wasm$/,
  asyncify: /^assets\/ort-wasm-simd-threaded\.asyncify-[^/]*\.wasm$/,
  cpu: /^assets\/ort-wasm-simd-threaded-[^/]*\.wasm$/,
};

const isAtUse = ({ url }: BuildFile): boolean => AT_USE.some((pattern) => pattern.test(url));

export const keptAhead = (files: readonly BuildFile[]): readonly BuildFile[] =>
  files.filter((file) => !isAtUse(file));

export const keptAtUse = (files: readonly BuildFile[]): readonly BuildFile[] =>
  files.filter(isAtUse);

/** The file of that binary. Throws where the build has none. */
export function binaryFile(files: readonly BuildFile[], name: BinaryName): BuildFile {
  const found = files.find(({ url }) => BINARY_FILES[name].test(url));
  if (!found) throw new Error(`The build has no ${name} binary of the runtime.`);
  return found;
}
