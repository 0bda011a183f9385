/**
 * A short probe before a long run: the first checkpoint answers two items, nothing of them is kept,
 * and what they took says what the run will take.
 */

import type { AnswerBackend } from '../backend/answer-backend.ts';
import type { Answerer } from '../core/types.ts';
import type { NewRun } from '../storage/run-store.ts';
import { packedRecordBytes, packRecord } from '../storage/packed-record.ts';
import type { StoredItem } from '../storage/stored-run.ts';
import { answerItem } from './answer-item.ts';
import { planRun, type PlanRequest } from './plan-run.ts';
import type { WrongImageChoice } from './wrong-images.ts';

/** The first of them warms up, where there are two, and is not timed. */
export const PROBE_ITEMS = 2;

export interface ProbeReport {
  readonly checkpointId: string;
  readonly device: string;
  /** Samples of the timed item, nulls included, and what they took; loading is not counted. */
  readonly samples: number;
  readonly elapsedMs: number;
  /** Mean over the items that were asked, as storage will hold them. */
  readonly bytesPerRecord: number;
  /** Bytes of one image by data set. */
  readonly imageBytes: Readonly<Record<string, number>>;
}

export interface ProbePorts {
  readonly backend: AnswerBackend;
  /** Loads the checkpoint if it is not loaded. */
  readonly load: (signal: AbortSignal) => Promise<Answerer>;
  /** Milliseconds of a clock that only goes on. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/**
 * Asks two items of the plan, of two sets where it has two.
 *
 * @throws NamedError as `planRun` and `answerItem` do
 */
export async function probe(request: PlanRequest, ports: ProbePorts): Promise<ProbeReport> {
  const { signal, backend, clock } = ports;
  const itemsPerSet = request.sets.length > 1 ? 1 : Math.min(PROBE_ITEMS, request.itemsPerSet);
  const { name, sets, kind, settings } = request;
  const { newRun } = await planRun(
    // No shard: of so few items it may have none.
    { name, sets, itemsPerSet, kind, settings },
    { runId: 'probe', createdAt: '', signal, onProgress: () => undefined },
  );
  const answerer = backend.answerer ?? (await ports.load(signal));
  const asked = newRun.items.slice(0, PROBE_ITEMS);
  let samples = 0;
  let bytes = 0;
  let startedAt = 0;
  for (const item of asked) {
    samples = 0;
    startedAt = clock();
    const job = jobOf(item, newRun);
    const onSamples = (count: number): void => {
      samples += count;
    };
    const { record } = await answerItem(backend, answerer, job, { signal, onSamples });
    bytes += packedRecordBytes(packRecord(record));
  }
  return {
    checkpointId: answerer.checkpointId,
    device: answerer.device,
    samples,
    elapsedMs: clock() - startedAt,
    bytesPerRecord: bytes / asked.length,
    imageBytes: Object.fromEntries(
      newRun.items.map(({ image }) => [image.dataset ?? '', image.width * image.height * 3]),
    ),
  };
}

function jobOf({ image, question, wrongImages }: StoredItem, { run, images }: NewRun) {
  const { promptMode, hint, sampler, nulls } = run.settings;
  const open = (source: StoredItem['image']) => {
    const pixels = images.get(source.sha256);
    if (!pixels) throw new Error(`The plan lacks the image ${source.name}.`);
    return { image: pixels, source };
  };
  const item = { ...open(image), question, promptMode, hint, sampler, nulls };
  const choice: WrongImageChoice =
    wrongImages === null
      ? { images: null, reason: 'The run draws no nulls.' }
      : wrongImages.images === null
        ? wrongImages
        : { ...wrongImages, images: wrongImages.images.map(open) };
  return { item, runId: run.id, wrongImages: choice };
}
