/** Plain data that the Explore pieces show; the lead's state classes produce it. */
import type { RgbImage, Split, Stage } from '../../core/types.ts';

/** Pixels to draw: a cell of a sprite sheet, raw RGB, or an address. */
export type PixelSource =
  | {
      readonly kind: 'sprite';
      readonly url: string;
      /** Left and top of the cell, its size, and the sheet's size, in sheet pixels. */
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly sheetWidth: number;
      readonly sheetHeight: number;
    }
  | { readonly kind: 'rgb'; readonly image: RgbImage }
  | { readonly kind: 'url'; readonly url: string };

export interface GalleryCollection {
  readonly id: string;
  /** e.g. `BloodMNIST`. */
  readonly name: string;
  /** e.g. `blood cell microscope`. */
  readonly modality: string;
}

export interface GalleryItem {
  readonly id: string;
  /** The truth label, e.g. `eosinophil`. */
  readonly label: string;
  readonly pixels: PixelSource;
}

export interface ImageFacts {
  readonly name: string;
  readonly split: Split | null;
  readonly index: number | null;
  readonly width: number;
  readonly height: number;
  readonly licence: string | null;
}

export type RunPhase = 'idle' | 'loading' | 'running' | 'stopping' | 'done' | 'stopped' | 'error';

/** One row of the verdict's figures; words are ready to print, `null` where unknown. */
export interface VerdictRow {
  readonly id: string;
  readonly title: string;
  readonly stage: Stage;
  readonly greedyAnswer: string | null;
  readonly greedyCorrect: boolean | null;
  /** e.g. `0.48 (0.36–0.60)`. */
  readonly rightShare: string | null;
  readonly answerEntropyNats: number | null;
  readonly traceEntropyNats: number | null;
  readonly uniqueAnswers: number;
  readonly unparsedShare: number | null;
  readonly formatFailure: boolean | null;
  /** Right share under the nulls; absent when the run was not asked for them. */
  readonly nulls?: { readonly secondSeed: string | null; readonly wrongImages: string | null };
}

export interface SampleRow {
  /** Unique over all checkpoints. */
  readonly id: string;
  readonly index: number;
  readonly checkpoint: string;
  readonly stage: Stage;
  /** Model text before the answer, tags taken out. */
  readonly reasoning: string;
  /** What people read; `null` when unparsed. */
  readonly answer: string | null;
  readonly correct: boolean | null;
  /** Σ ln p as sampled, nats; `null` when the backend gives none. */
  readonly logProb: number | null;
  /** `null` where a server did not count them. */
  readonly tokenCount: number | null;
  /** e.g. `log p not stated by the server`; empty where all is known. */
  readonly unstated: string;
  readonly cutOff: boolean;
  /** Why its trace cannot be edited and scored, a sentence; `null` where it may be. */
  readonly editRefusal: string | null;
  /** The tokens that the text is made of, or its words where a server states no tokens. */
  readonly tokenTexts: readonly string[];
}

export interface CheckpointFacts {
  readonly id: string;
  readonly name: string;
  readonly stage: Stage;
  /** The row that it was trained from; `null` for none. */
  readonly parent: string | null;
  /** That in words. */
  readonly origin: string;
  readonly about: string;
  /** Of its weights; empty for one that a server answers for. */
  readonly dtype: string;
  readonly sizeBytes: number | null;
  /** Hosts that answer for it; empty for one that runs in this browser. */
  readonly hosts: readonly string[];
  readonly licence: string;
  /** Address of its card; `null` for none. */
  readonly cardUrl: string | null;
}

export type CheckpointState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'loading';
      readonly loadedBytes: number;
      readonly totalBytes: number;
      readonly bytesPerSecond: number | null;
      readonly remainingSeconds: number | null;
      /** A hub asked to wait so long; `null` while bytes come. */
      readonly waitingSeconds: number | null;
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string };

/** One checkpoint of the table, as the chooser draws it. */
export interface CheckpointNode {
  readonly facts: CheckpointFacts;
  readonly state: CheckpointState;
  readonly isChosen: boolean;
}
