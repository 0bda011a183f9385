/** The shapes of the answer river: what the layout computes and the components draw. Pixels. */
import type { Stage } from '../core/types.ts';
import type { RiverAnswer, RiverNode } from './river-tree.ts';

export interface RiverBox {
  /** Width from the prompt to the ends, without the ends' labels. */
  readonly width: number;
  /** Thickness of all samples together. */
  readonly thickness: number;
  /** Smallest distance of two end labels. */
  readonly endPitch: number;
}

/** One run of shared reasoning. `filled` and `tinted` are its parts with right and other ends. */
export interface BandShape {
  readonly id: string;
  readonly parentId: string | null;
  readonly level: number;
  readonly kind: RiverNode['kind'];
  readonly text: string;
  readonly tokenCount: number;
  readonly hidesForks: boolean;
  /** The level stretch where the label may stand. */
  readonly x: number;
  readonly y: number;
  readonly flatWidth: number;
  readonly thickness: number;
  readonly outline: string;
  readonly filled: string;
  readonly tinted: string;
  /** Places in the river's samples. */
  readonly places: readonly number[];
  /** How many of them end right. */
  readonly rightCount: number;
  /** Share of all samples of the river. */
  readonly share: number;
  /** Σ ln p of the run as sampled; `null` for folded bands. */
  readonly logProb: number | null;
  /** Share at the fork before it, and exp(ln p) of the token drawn there. */
  readonly forkShare: number;
  readonly forkProbability: number | null;
  /** e.g. `log p not stated by the server`; empty where all is known, and for folded bands. */
  readonly unstated: string;
}

export interface FlowShape {
  readonly id: string;
  readonly bandId: string;
  readonly answer: RiverAnswer;
  readonly path: string;
  readonly places: readonly number[];
}

export interface EndShape {
  readonly answer: RiverAnswer;
  readonly y: number;
  readonly thickness: number;
  readonly labelY: number;
  readonly places: readonly number[];
  readonly share: number;
}

export interface RiverShape {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly sampleCount: number;
  readonly height: number;
  readonly bands: readonly BandShape[];
  readonly flows: readonly FlowShape[];
  readonly ends: readonly EndShape[];
  /** Samples drawn inside "other reasoning". */
  readonly foldedSamples: number;
  /** Bands whose samples go on to differ inside them. */
  readonly hidingBands: number;
}

export interface RiverPicture {
  readonly width: number;
  readonly rivers: readonly RiverShape[];
  readonly levels: number;
}
