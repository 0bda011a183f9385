/**
 * From a load request to an engine that may answer. The rungs of the device ladder are tried in order:
 * open the device, test its operators, compare file sizes with its limits, load the checkpoint, compare
 * its first token. The first rung that passes all answers; the report says how each one went.
 */

import { env } from '@huggingface/transformers';
import { NamedError, asNamedError } from '../../src/protocol/errors.ts';
import { filesTooLarge } from '../../src/protocol/file-limits.ts';
import { graphFiles, kindOf, type Manifest } from '../../src/protocol/manifest.ts';
import type {
  DeviceReport,
  LoadedCheckpoint,
  LoadRequest,
  RungName,
  RungReport,
  SelfCheck,
} from '../../src/protocol/vlm.ts';
import { fetchBytes, type ProgressMeter } from './checkpoint-files.ts';
import { openSource, type OpenSource } from './checkpoint-source.ts';
import {
  chooseBinary,
  describeDevice,
  memoryLimits,
  openRung,
  rungsFor,
  threadCount,
  type GpuDevice,
} from './device.ts';
import { hasAdapter } from './runtime-binary.ts';
import {
  checkFirstToken,
  storedFirstTokens,
  wasmFirstTokens,
  type FirstTokens,
} from './first-token.ts';
import type { MemoryLimits } from './memory-plan.ts';
import { operatorsAddress, testOperators } from './self-test.ts';
import { loadEngine, TransformersEngine } from './transformers-engine.ts';
import { loadVisionEngine, type VisionEngine } from './vision-engine.ts';

/** Something that gives features of images; a `TransformersEngine` answers too. */
export interface LoadedWith<Engine extends TransformersEngine | VisionEngine> {
  readonly engine: Engine;
  readonly gpu: GpuDevice | null;
  readonly limits: MemoryLimits;
  readonly checkpoint: LoadedCheckpoint;
}

export type Loaded = LoadedWith<TransformersEngine>;
export type LoadedAny = LoadedWith<TransformersEngine | VisionEngine>;

interface LoadContext {
  readonly request: LoadRequest;
  readonly source: OpenSource;
  /** The graph of the operator test. */
  readonly operators: Uint8Array;
}

/** Loads a checkpoint that answers. Throws as `loadCheckpoint`, and for one that only sees. */
export async function loadVlm(
  request: LoadRequest,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<Loaded> {
  return requireAnswering(await loadCheckpoint(request, meter, signal));
}

/** Throws `CheckpointUnsupported` for a model that only sees. */
export function requireAnswering({ engine, ...loaded }: LoadedAny): Loaded {
  if (engine instanceof TransformersEngine) return { ...loaded, engine };
  throw new NamedError(
    'CheckpointUnsupported',
    'This model only sees: it has no language to answer in. Take it under Probe.',
  );
}

/** Loads a checkpoint on the fastest device that passes its self-test. */
export async function loadCheckpoint(
  request: LoadRequest,
  meter: ProgressMeter,
  signal: AbortSignal,
): Promise<LoadedAny> {
  const source = await openSource(request, meter, signal);
  const wantsGpu = request.device !== 'wasm' && (await hasAdapter());
  const binary = await prepareRuntime(wantsGpu, meter, signal);
  const operators = await fetchBytes(operatorsAddress(), null, meter, signal);
  const context = { request, source, operators };
  const rungs: RungReport[] = [];
  let failure: NamedError | null = null;
  for (const rung of rungsFor(request.device)) {
    const attempt = await tryRung(context, rung);
    rungs.push(attempt.report);
    if (attempt.ok) {
      const { engine, gpu, limits } = attempt;
      const device: DeviceReport = {
        kind: gpu ? 'webgpu' : 'wasm',
        adapter: gpu?.adapter ?? null,
        binary,
        threads: gpu ? 1 : threadCount(),
        asked: request.device,
        selfCheck: attempt.report.firstToken,
        rungs,
      };
      return {
        engine,
        gpu,
        limits,
        checkpoint: describe(request, source.manifest, engine, device),
      };
    }
    if (signal.aborted) throw new NamedError('Cancelled', 'Loading was cancelled.');
    // A file that did not come, or came wrong, does so on every device.
    const broken = source.failure();
    if (broken) throw broken;
    failure = attempt.error ?? failure;
    if (attempt.error && SAME_ON_EVERY_DEVICE.has(attempt.error.name)) throw attempt.error;
  }
  const why = rungs.map(({ reason }) => reason).at(-1) ?? '';
  throw failure ?? new NamedError('DeviceUnavailable', `WebGPU was asked for, but ${why}.`);
}

/** No other device helps against these. */
const SAME_ON_EVERY_DEVICE: ReadonlySet<string> = new Set(['CheckpointMissing', 'NetworkFailed']);

type Attempt =
  | {
      readonly ok: true;
      readonly engine: LoadedAny['engine'];
      readonly gpu: GpuDevice | null;
      readonly limits: MemoryLimits;
      readonly report: RungReport;
    }
  | { readonly ok: false; readonly error: NamedError | null; readonly report: RungReport };

/** One rung from its device to its first token. Nothing stays behind when it fails. */
async function tryRung(context: LoadContext, rung: RungName): Promise<Attempt> {
  const startedAt = performance.now();
  const opened = await openRung(rung);
  const gpu = opened.ok ? opened.gpu : null;
  const checks: { operators: SelfCheck | null; firstToken: SelfCheck | null } = {
    operators: null,
    firstToken: null,
  };
  const reportOf = (outcome: RungReport['outcome'], reason: string): RungReport => ({
    rung,
    outcome,
    reason,
    ...describeDevice(gpu),
    ...checks,
    elapsedMs: performance.now() - startedAt,
  });
  if (!opened.ok) return { ok: false, error: null, report: reportOf('unavailable', opened.reason) };
  let engine: LoadedAny['engine'] | null = null;
  try {
    const { operators, source, request } = context;
    checks.operators = await testOperators(gpu?.device ?? null, operators);
    if (!checks.operators.passed) throw selfTestError(gpu, 'known operators', checks.operators, '');
    const graphs = graphFiles(
      source.manifest,
      typeof request.dtype === 'string' ? {} : request.dtype,
    );
    const weightsBytes = graphs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const limits = memoryLimits(gpu, weightsBytes);
    const tooLarge = filesTooLarge(graphs, limits);
    if (tooLarge) throw new NamedError('OutOfMemory', `This checkpoint does not fit: ${tooLarge}.`);
    if (isVisionOnly(request)) engine = await loadVisionEngine(optionsOf(context, gpu));
    else {
      const reference = await referenceFor(context, gpu);
      const answering = await loadOn(context, gpu);
      engine = answering;
      checks.firstToken = reference && (await checkFirstToken(answering, reference));
    }
    if (checks.firstToken?.passed === false) {
      throw selfTestError(gpu, 'the checkpoint’s first token', checks.firstToken, ' nat');
    }
    return { ok: true, engine, gpu, limits, report: reportOf('runs', '') };
  } catch (thrown) {
    await engine?.dispose().catch(() => undefined);
    gpu?.device.destroy();
    const error = loadError(thrown);
    return { ok: false, error, report: reportOf('failed', error.message) };
  }
}

const isVisionOnly = ({ dtype }: LoadRequest): boolean =>
  typeof dtype !== 'string' && kindOf(dtype) === 'vision';

const optionsOf = ({ request: { dtype }, source }: LoadContext, gpu: GpuDevice | null) => ({
  ...source,
  dtype,
  device: gpu?.device ?? null,
});

const loadOn = (context: LoadContext, gpu: GpuDevice | null) => loadEngine(optionsOf(context, gpu));

/** What the first token has to be: stored, else on a graphics device what wasm computes. */
async function referenceFor(
  context: LoadContext,
  gpu: GpuDevice | null,
): Promise<FirstTokens | null> {
  const { request } = context;
  const { folderUrl, manifest, fetch } = context.source;
  const response = await fetch(`${folderUrl}self-check.json`);
  const stored = await storedFirstTokens(response, request.dtype);
  if (stored || !gpu) return stored;
  const key = JSON.stringify([request.checkpointId, manifest.revision, request.dtype]);
  return wasmFirstTokens(key, () => loadOn(context, null));
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

function describe(
  { checkpointId }: LoadRequest,
  { revision }: Manifest,
  engine: LoadedAny['engine'],
  device: DeviceReport,
): LoadedCheckpoint {
  const vocabSize = 'vocabSize' in engine ? engine.vocabSize : null;
  return { checkpointId, revision, dtype: engine.dtype, vocabSize, device };
}

function selfTestError(
  gpu: GpuDevice | null,
  what: string,
  { maxAbsError }: SelfCheck,
  unit: string,
): NamedError {
  const where = gpu ? 'this graphics device' : 'this browser';
  return new NamedError(
    'SelfCheckFailed',
    `${where} computes other numbers than the reference for ${what} (off by ${maxAbsError.toPrecision(2)}${unit})`,
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
