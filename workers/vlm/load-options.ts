/** How transformers.js is told where files come from and what runs them: the same for every kind of model. */

import { env, LogLevel } from '@huggingface/transformers';
import type { LibraryAddress } from './checkpoint-source.ts';
import type { ForwardModel } from './transformers-model.ts';
import { widenWeights } from './widen-weights.ts';

export interface EngineOptions {
  readonly address: LibraryAddress;
  readonly dtype: string | Readonly<Record<string, string>>;
  /** Our own WebGPU device, or `null` for wasm. */
  readonly device: GPUDevice | null;
  readonly fetch: (input: string | URL) => Promise<Response>;
}

/**
 * Built-in checkpoints take the way of hub checkpoints, with our own origin as the hub. The library's
 * local path is not used: with an address as `localModelPath` it does not find the tokenizer.
 *
 * @returns what `from_pretrained` of a model takes
 */
export function configureLibrary({ address, dtype, device, fetch }: EngineOptions) {
  env.allowLocalModels = false;
  env.allowRemoteModels = true;
  env.remoteHost = address.host;
  env.remotePathTemplate = address.template;
  env.useBrowserCache = false;
  env.useWasmCache = false;
  // What goes wrong is thrown as well, and said on the page.
  env.logLevel = LogLevel.NONE;
  env.fetch = device ? fetch : widened(fetch);
  const executionProviders = device ? [{ name: 'webgpu', device }] : ['wasm'];
  return {
    device: device ? 'webgpu' : 'wasm',
    dtype: dtype as 'fp32',
    session_options: { executionProviders: executionProviders as ['wasm'] },
  } as const;
}

/** On wasm, four-bit weights are widened on their way from the server to the runtime. */
function widened(fetch: EngineOptions['fetch']): EngineOptions['fetch'] {
  return async (input) => {
    const response = await fetch(input);
    if (!response.ok || !new URL(input).pathname.endsWith('.onnx')) return response;
    const bytes = widenWeights(new Uint8Array(await response.arrayBuffer()));
    return new Response(bytes, { headers: { 'content-length': String(bytes.byteLength) } });
  };
}

/** The data type of each session as loaded, e.g. `decoder_model_merged q4, embed_tokens fp32`. */
export const dtypeWords = ({ sessions }: Pick<ForwardModel, 'sessions'>): string =>
  Object.entries(sessions)
    .map(([name, session]) => `${name} ${session.config?.dtype ?? 'unknown'}`)
    .sort()
    .join(', ');
