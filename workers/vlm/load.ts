/**
 * From a load request to an engine that may answer: binary, device, files, self check. A WebGPU
 * device whose first-token log-probabilities are off is given up for wasm, and the report says so.
 */

import { env } from '@huggingface/transformers';
import * as v from 'valibot';
import { NamedError, asNamedError } from '../../src/protocol/errors.ts';
import type {
  DeviceReport,
  LoadedCheckpoint,
  LoadRequest,
  SelfCheck,
} from '../../src/protocol/vlm.ts';
import {
  checkpointFetch,
  fetchBytes,
  fetchManifest,
  type ProgressMeter,
} from './checkpoint-files.ts';
import { chooseBinary, requestGpu, threadCount, type GpuDevice } from './device.ts';
import { logSoftmax } from './policy.ts';
import { loadEngine, type TransformersEngine } from './transformers-engine.ts';

/** Largest difference of a log-probability, nats, that a device may show against the reference. */
const SELF_CHECK_TOLERANCE = 0.02;

const selfCheckSchema = v.object({
  image: v.string(),
  width: v.number(),
  height: v.number(),
  promptText: v.string(),
  /** The data types that the reference was made with. */
  dtypes: v.record(v.string(), v.string()),
  topTokenLogProbs: v.pipe(
    v.array(v.object({ id: v.number(), logProb: v.number() })),
    v.minLength(1),
  ),
});

export interface Loaded {
  readonly engine: TransformersEngine;
  readonly gpu: GpuDevice | null;
  readonly checkpoint: LoadedCheckpoint;
}

interface LoadContext {
  readonly request: LoadRequest;
  readonly folderUrl: string;
  readonly fetch: (input: string | URL) => Promise<Response>;
}

/** Loads a checkpoint on the best device that passes its self check. */
export async function loadCheckpoint(
  request: LoadRequest,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<Loaded> {
  const folderUrl = new URL(`${request.checkpointId}/`, request.modelsUrl).href;
  const manifest = await fetchManifest(folderUrl, signal);
  const fetch = checkpointFetch(folderUrl, manifest, meter, signal);
  const context = { request, folderUrl, fetch };
  const { gpu, reason } = await requestGpu(request.device);
  const binary = await prepareRuntime(gpu !== null, meter, signal);
  const attempts = gpu ? [gpu, null] : [null];
  let why = reason;
  for (const device of attempts) {
    const attempt = await tryDevice(context, device);
    if (attempt.ok) {
      const { engine, selfCheck } = attempt;
      const report: DeviceReport = {
        kind: device ? 'webgpu' : 'wasm',
        adapter: device?.adapter ?? null,
        binary,
        threads: device ? 1 : threadCount(),
        reason: why,
        selfCheck,
      };
      return {
        engine,
        gpu: device,
        checkpoint: describe(request, manifest.revision, engine, report),
      };
    }
    device?.device.destroy();
    if (signal.aborted) throw new NamedError('Cancelled', 'Loading was cancelled.');
    if (!device || request.device === 'webgpu') throw attempt.error;
    why = `WebGPU was given up: ${attempt.error.message}`;
  }
  throw new NamedError('Internal', 'No device was tried.');
}

type Attempt =
  | { readonly ok: true; readonly engine: TransformersEngine; readonly selfCheck: SelfCheck | null }
  | { readonly ok: false; readonly error: NamedError };

async function tryDevice(context: LoadContext, gpu: GpuDevice | null): Promise<Attempt> {
  const { request, folderUrl, fetch } = context;
  let engine: TransformersEngine | null = null;
  try {
    engine = await loadEngine({ ...request, device: gpu?.device ?? null, fetch });
    const selfCheck = await runSelfCheck(
      engine,
      request,
      await fetch(`${folderUrl}self-check.json`),
    );
    if (selfCheck?.passed !== false) return { ok: true, engine, selfCheck };
    await engine.dispose();
    return { ok: false, error: selfCheckError(gpu, selfCheck) };
  } catch (thrown) {
    await engine?.dispose().catch(() => undefined);
    return { ok: false, error: loadError(thrown) };
  }
}

/** Points the runtime at one binary of ours and downloads it where progress can be counted. */
async function prepareRuntime(
  wantsGpu: boolean,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<DeviceReport['binary']> {
  const binary = chooseBinary(wantsGpu);
  const wasm = env.backends.onnx.wasm;
  if (!wasm) throw new NamedError('Internal', 'The runtime has no wasm settings.');
  const absolute = (path: string): URL => new URL(path, self.location.href);
  wasm.proxy = false;
  wasm.numThreads = threadCount();
  wasm.wasmPaths = { mjs: absolute(binary.mjs).href, wasm: absolute(binary.wasm).href };
  wasm.wasmBinary ??= await fetchBytes(absolute(binary.wasm), null, meter, signal);
  return binary.name;
}

/** `null` where there is no reference, or none for these data types. */
async function runSelfCheck(
  engine: TransformersEngine,
  { dtype }: LoadRequest,
  response: Response,
): Promise<SelfCheck | null> {
  if (response.status === 404) return null;
  const reference = v.parse(selfCheckSchema, await response.json());
  const { image, width, height, promptText, dtypes, topTokenLogProbs } = reference;
  const sameTypes = Object.entries(dtypes).every(
    ([session, type]) => (typeof dtype === 'string' ? dtype : dtype[session]) === type,
  );
  if (!sameTypes) return null;
  const startedAt = performance.now();
  const data = Uint8Array.from(atob(image), (character) => character.charCodeAt(0));
  const { logits, cache } = await engine.prefill({ width, height, data }, promptText);
  engine.release(cache);
  const logProbs = logSoftmax(logits);
  let maxAbsError = 0;
  for (const { id, logProb } of topTokenLogProbs) {
    const error = Math.abs((logProbs[id] ?? Infinity) - logProb);
    maxAbsError = Math.max(maxAbsError, error);
  }
  return {
    passed: maxAbsError <= SELF_CHECK_TOLERANCE,
    maxAbsError,
    elapsedMs: performance.now() - startedAt,
  };
}

function describe(
  request: LoadRequest,
  revision: string,
  engine: TransformersEngine,
  device: DeviceReport,
): LoadedCheckpoint {
  const { checkpointId } = request;
  return { checkpointId, revision, dtype: engine.dtype, vocabSize: engine.vocabSize, device };
}

function selfCheckError(gpu: GpuDevice | null, selfCheck: SelfCheck): NamedError {
  const where = gpu ? 'this graphics device' : 'this browser';
  const off = selfCheck.maxAbsError.toPrecision(2);
  return new NamedError(
    'SelfCheckFailed',
    `${where} computes other numbers than the checkpoint’s reference (off by ${off} nat)`,
  );
}

/** The library's and the runtime's errors, by what a person can do about them. */
function loadError(thrown: unknown): NamedError {
  const error = asNamedError(thrown);
  if (error.name !== 'Internal') return error;
  if (/out of memory|bad_alloc|allocation failed|array buffer allocation/i.test(error.message)) {
    return new NamedError('OutOfMemory', 'There is not enough memory for this checkpoint.', {
      cause: thrown,
    });
  }
  if (/not found locally|file was not found|Local file missing/i.test(error.message)) {
    return new NamedError('CheckpointMissing', `A file is missing: ${error.message}`, {
      cause: thrown,
    });
  }
  return new NamedError(
    'CheckpointInvalid',
    `The checkpoint could not be loaded: ${error.message}`,
    {
      cause: thrown,
    },
  );
}
