/**
 * Times the app's own code from outside, so that the app carries no timers: `session.run`, the
 * engine's calls and `postMessage` are wrapped on their prototypes, in the bench's worker only.
 */

import * as ort from 'onnxruntime-web/webgpu';
import { ROWS_INPUT } from '../../workers/vlm/gather-graph.ts';
import { TransformersEngine } from '../../workers/vlm/transformers-engine.ts';
import type { DecoderRun, MeterReading } from './types.ts';

type Session = ort.InferenceSession;
type Clock = 'model' | 'decode' | 'gather' | 'step' | 'stepRuns' | 'text' | 'message';

const clocks = new Map<Clock, number>();
let decoderRuns: DecoderRun[] = [];
let startedAt = 0;
let insideStep = false;

function add(clock: Clock, sinceMs: number): void {
  clocks.set(clock, (clocks.get(clock) ?? 0) + performance.now() - sinceMs);
}

const read = (clock: Clock): number => clocks.get(clock) ?? 0;

export function startMeter(): void {
  clocks.clear();
  decoderRuns = [];
  startedAt = performance.now();
}

export function readMeter(): MeterReading {
  return {
    elapsedMs: performance.now() - startedAt,
    modelMs: read('model'),
    decodeRunMs: read('decode'),
    gatherMs: read('gather'),
    stepMs: read('step') - read('stepRuns'),
    textMs: read('text'),
    messageMs: read('message'),
    decoderRuns,
  };
}

/** Wraps what is measured. Once, before a checkpoint is loaded. */
export function installMeter(): void {
  wrapRuns();
  wrapEngine();
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...args: unknown[]) {
    const since = performance.now();
    Reflect.apply(postMessage, this, args);
    add('message', since);
  };
}

function wrapRuns(): void {
  const { prototype } = ort.InferenceSession as unknown as { prototype: Session };
  const { run } = prototype;
  prototype.run = async function (this: Session, ...args: Parameters<Session['run']>) {
    const since = performance.now();
    const output = await (Reflect.apply(run, this, args) as ReturnType<Session['run']>);
    if (this.inputNames.includes(ROWS_INPUT)) return output;
    add('model', since);
    if (insideStep) add('stepRuns', since);
    const runShape = decoderRunOf(args[0] as Record<string, ort.Tensor>);
    if (runShape) {
      decoderRuns.push(runShape);
      if (runShape.positions === 1) add('decode', since);
    }
    return output;
  } as Session['run'];
}

function decoderRunOf(feeds: Record<string, ort.Tensor>): DecoderRun | null {
  const { inputs_embeds: embeds, attention_mask: mask } = feeds;
  if (!embeds || !mask) return null;
  return { rows: embeds.dims[0] ?? 0, positions: embeds.dims[1] ?? 0, length: mask.dims[1] ?? 0 };
}

function wrapEngine(): void {
  const engine = TransformersEngine.prototype;
  const { gather, step, decode } = engine;
  engine.gather = async function (...args) {
    const since = performance.now();
    const cache = await gather.apply(this, args);
    add('gather', since);
    return cache;
  };
  engine.step = async function (...args) {
    const since = performance.now();
    insideStep = true;
    const result = await step.apply(this, args);
    insideStep = false;
    add('step', since);
    return result;
  };
  engine.decode = function (...args) {
    const since = performance.now();
    const text = decode.apply(this, args);
    add('text', since);
    return text;
  };
}
