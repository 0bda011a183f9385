/** What the bench's page and worker say to each other. Not part of the app's build. */

import type { LoadedCheckpoint, LoadRequest } from '../../src/protocol/vlm.ts';

/**
 * `each`: transformers.js `generate()` K times. `batched`: once, with the inputs K times.
 * `flat`: our loop, every sample on a row of its own. `tree`: what the app does.
 */
export type Method = 'each' | 'batched' | 'flat' | 'tree';

export interface BenchTask {
  readonly method: Method;
  /** Number of the stored item. */
  readonly item: number;
  readonly mode: 'think' | 'direct';
  readonly k: number;
  readonly temperature: number;
  readonly maxNewTokens: number;
  readonly seed: number;
  /**
   * Number of a variant of the image that differs in one grey level of one pixel, so that nothing
   * of it is cached; the same number again finds the prefill of before.
   */
  readonly imageVariant: number;
}

/** One forward pass of the decoder. */
export interface DecoderRun {
  readonly rows: number;
  /** Positions attended to: the cache's and the new ones. */
  readonly length: number;
  /** New positions: 1 in decode. */
  readonly positions: number;
}

/** Where the time of one measured call went, milliseconds, all inside the worker. */
export interface MeterReading {
  readonly elapsedMs: number;
  /** In `session.run` of the vision encoder, the embeddings and the decoder. */
  readonly modelMs: number;
  /** The decoder's part of `modelMs` with one new position. */
  readonly decodeRunMs: number;
  /** Moving cache rows, wherever it is done. */
  readonly gatherMs: number;
  /** In the engine's step outside of `session.run`: masks, tensors, logits. */
  readonly stepMs: number;
  /** Tokens to text. */
  readonly textMs: number;
  /** Posting events and replies: the copies that a message makes. */
  readonly messageMs: number;
  readonly decoderRuns: readonly DecoderRun[];
}

export interface Measurement {
  /** From the call to its end as the page sees it. */
  readonly elapsedMs: number;
  readonly firstSampleMs: number;
  readonly samples: number;
  readonly meanTokens: number;
  readonly meter: MeterReading;
}

export interface PeerMeasurement {
  readonly firstSampleMs: number | null;
  readonly samples: number;
  readonly tokens: number;
  readonly meter: MeterReading;
}

export interface BenchPage {
  load(request: LoadRequest): Promise<LoadedCheckpoint>;
  itemNames(): string[];
  measure(task: BenchTask): Promise<Measurement>;
  /** Milliseconds of bare `session.run` calls of the decoder with these shapes. */
  replay(runs: readonly DecoderRun[]): Promise<number>;
}
