/** From the state's images and load progress to what the left side of Explore shows. Pure. */

import type { RgbImage } from '../../core/types.ts';
import type { CheckpointChoice, CheckpointSlot } from '../../state/checkpoint-choice.svelte.ts';
import type { Continuation } from '../../state/continuation.ts';
import type { Explore } from '../../state/explore.svelte.ts';
import type { ImageCollection } from '../../state/image-holdings.ts';
import type { NullProgress } from '../../state/null-run.ts';
import type { RunSession } from '../../state/run-session.svelte.ts';
import type {
  CheckpointFacts,
  CheckpointNode,
  CheckpointState,
  GalleryItem,
  ImageFacts,
  PixelSource,
} from './explore-types.ts';

export const pixelsOf = (image: RgbImage): PixelSource => ({ kind: 'rgb', image });

export function itemsOf(collection: ImageCollection | null): readonly GalleryItem[] {
  return (collection?.images ?? []).map(({ id, label, thumbnail }) => ({
    id,
    label,
    pixels: pixelsOf(thumbnail),
  }));
}

/** The chosen image as the lesson names it; `null` for an image of the user's own. */
export function itemOf({ gallery }: Explore): { dataset: string; index: number } | null {
  const source = gallery.chosen?.source;
  if (!source || source.split !== 'test' || source.dataset === null || source.index === null) {
    return null;
  }
  return { dataset: source.dataset, index: source.index };
}

/** Caption of the chosen image. */
export function imageFacts(explore: Explore): ImageFacts | null {
  const { chosen } = explore.gallery;
  if (chosen === null) return null;
  const { dataset, split, index, width, height, name } = chosen.source;
  return {
    name: explore.draft.chosenSet?.name ?? dataset ?? name,
    split,
    index,
    width,
    height,
    licence: explore.draft.chosenSet?.license ?? null,
  };
}

/** The table of checkpoints with what is chosen and where each of them stands. */
export function checkpointNodes(checkpoints: CheckpointChoice): readonly CheckpointNode[] {
  return checkpoints.slots.map((slot) => ({
    facts: checkpointFacts(slot),
    state: checkpointState(slot),
    isChosen: checkpoints.isChosen(slot.id),
  }));
}

/** Name, size and licence of a checkpoint, before any download. */
function checkpointFacts({ row, sizeBytes, hosts }: CheckpointSlot): CheckpointFacts {
  const { id, name, stage, parent, about, license, dtype } = row;
  const types = [...new Set(Object.values(dtype))].join(' + ');
  const isBuiltIn = row.cardUrl === undefined;
  const cardUrl = isBuiltIn ? `./models/${id}/README.md` : row.cardUrl;
  const unknown = isBuiltIn ? 'from scratch' : 'parent not stated';
  const origin = parent === null ? unknown : `from ${parent}`;
  return {
    id,
    name,
    stage,
    parent,
    origin,
    about,
    dtype: types,
    sizeBytes,
    hosts,
    licence: license,
    cardUrl,
  };
}

/** Where it stands: what the page says of it and offers. */
export function checkpointState({ progress, error, answerer }: CheckpointSlot): CheckpointState {
  if (progress) {
    const { loadedBytes, totalBytes, elapsedMs, keptBytes = 0, waitingMs = 0 } = progress;
    const rate = elapsedMs > 500 ? (loadedBytes - keptBytes) / (elapsedMs / 1000) : null;
    return {
      kind: 'loading',
      loadedBytes,
      totalBytes: totalBytes ?? 0,
      bytesPerSecond: rate,
      remainingSeconds: rate && totalBytes ? Math.max(0, totalBytes - loadedBytes) / rate : null,
      waitingSeconds: waitingMs > 0 ? waitingMs / 1000 : null,
    };
  }
  if (error) return { kind: 'failed', message: error.message };
  return { kind: answerer ? 'ready' : 'absent' };
}

/** What the Run button does: draw anew, or go on with the shown result. */
export function runLabel(continuation: Continuation | null): string {
  if (continuation === null) return 'Run';
  return `Run ${String(continuation.more)} more${continuation.records.length > 1 ? ' each' : ''}`;
}

/** For a first visitor: what Run does, and where. */
export function runHint({ sampler, checkpoints }: Explore): string {
  const { chosenHosts, chosenIds } = checkpoints;
  const { k } = sampler.settings;
  const each = chosenIds.length > 1 ? ` from each of ${String(chosenIds.length)} checkpoints` : '';
  const where = chosenHosts.length > 0 ? `by ${chosenHosts.join(', ')}` : 'here, on this machine';
  return `Press Run: ${String(k)} ${k === 1 ? 'answer is' : 'answers are'} drawn ${where}${each}.`;
}

/** Finished samples over all checkpoints of the live run that is shown, how many it asks for, and its nulls. */
export function runProgress({ results: { shown }, plan }: RunSession): {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number | null;
  readonly nulls: NullProgress | null;
} {
  if (!shown || !plan || shown.first.record.runId !== plan.runId) {
    return { done: 0, total: 0, elapsedMs: null, nulls: null };
  }
  const records = shown.records.map(({ record }) => record);
  return {
    done: records.reduce((sum, { samples }) => sum + samples.length, 0),
    total: plan.checkpointIds.length * shown.first.record.sampler.k,
    elapsedMs: records.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
    nulls: plan.nulls,
  };
}
