/** The control "the parent, cooled" of one step, as far as the store has it, and the run that it lacks. */

import type { Comparison } from '../core/sets/comparison.ts';
import {
  coldestPoint,
  cooledPoint,
  coolingState,
  matchTolerance,
  type CooledPoint,
  type CoolingState,
} from '../core/sets/cooling.ts';
import type { ItemFigures } from '../core/sets/item-figures.ts';
import { pairItems } from '../core/sets/pair-items.ts';
import { totalOf } from '../core/sets/total-records.ts';
import {
  cooledRun,
  isAskedSo,
  isCooled,
  itemsOf,
  type AskedSide,
} from '../evaluation/cooled-run.ts';
import { countedItems } from '../evaluation/item-rows.ts';
import { NamedError } from '../protocol/errors.ts';
import type { NewRun } from '../storage/run-store.ts';
import type { StoredRun } from '../storage/stored-run.ts';
import type { ComparisonStep, SideFacts } from './comparison.svelte.ts';
import type { ShelfStore } from './run-shelf.svelte.ts';

/** A step whose figures are there. */
export type ComparedStep = ComparisonStep & { readonly comparison: Comparison };

/** What is known of the control of one step. */
export interface CooledControl {
  readonly step: ComparedStep;
  /** The parent by temperature, the coldest first: T = 0, what was measured, and as it was asked. */
  readonly curve: readonly CooledPoint[];
  readonly child: CooledPoint;
  readonly state: CoolingState;
  /** The run of the matched temperature; `null` where there is none. */
  readonly matched: StoredRun | null;
  /** The cooled parent against the child; `null` unless matched, and until it is worked out. */
  readonly comparison: Comparison | null;
}

export interface ControlReading {
  readonly control: CooledControl;
  /** Figures of the paired items, alike in order; those of the cooled parent are empty unless matched. */
  readonly parents: readonly ItemFigures[];
  readonly children: readonly ItemFigures[];
  readonly cooled: readonly ItemFigures[];
  /** Runs that ask the parent all items, and nobody else, and are not at their end. */
  readonly begun: readonly StoredRun[];
}

export type ControlStore = Pick<ShelfStore, 'entries' | 'items' | 'record'>;

/** @param runs all that are stored */
export async function readControl(
  store: ControlStore,
  runs: readonly StoredRun[],
  step: ComparedStep,
): Promise<ControlReading> {
  const { parent, child } = step;
  const figuresOf = async (side: SideFacts): Promise<readonly ItemFigures[]> =>
    countedItems(await store.entries(side.runId)).get(side.checkpointId) ?? [];
  const { pairs } = pairItems(await figuresOf(parent), await figuresOf(child));
  const parents = pairs.map((pair) => pair.parent);
  const children = pairs.map((pair) => pair.child);
  if (pairs.length === 0)
    throw new NamedError('StorageFailed', 'The items are not there any more.');
  const { measured, begun } = await readCooled(store, runs, parent, parents);
  const temperature = parent.run.settings.sampler.temperature;
  const points = measured.map(({ point }) => point);
  const own = cooledPoint(temperature, parents);
  const childPoint = cooledPoint(temperature, children);
  const tolerance = matchTolerance(step.comparison.paired.all.child.entropyNats);
  const state = coolingState(own, points, childPoint.entropyNats, tolerance);
  const match = measured.find(({ point }) => state.kind === 'matched' && point === state.point);
  return {
    control: {
      step,
      curve: [coldestPoint(parents), ...points, own],
      child: childPoint,
      state,
      matched: match?.run ?? null,
      comparison: null,
    },
    ...{ parents, children, cooled: match?.items ?? [], begun },
  };
}

/** The parent at one temperature, on all items of the comparison. */
interface MeasuredPoint {
  readonly run: StoredRun;
  readonly point: CooledPoint;
  readonly items: readonly ItemFigures[];
}

/** The coldest first, one per temperature. */
async function readCooled(
  store: ControlStore,
  runs: readonly StoredRun[],
  side: AskedSide,
  parents: readonly ItemFigures[],
) {
  const measured: MeasuredPoint[] = [];
  const begun: StoredRun[] = [];
  for (const run of runs.filter((one) => isCooled(one, side))) {
    const { temperature } = run.settings.sampler;
    if (measured.some(({ point }) => point.temperature === temperature)) continue;
    const all = countedItems(await store.entries(run.id)).get(side.checkpointId) ?? [];
    const items = pairItems(parents, all).pairs.map(({ child }) => child);
    if (items.length === parents.length) {
      measured.push({ run, items, point: cooledPoint(temperature, items) });
    } else if (run.done < totalOf(run) && run.settings.checkpointIds.length === 1) {
      const asked = itemsOf(await store.items(run.id), parents);
      if (asked.length === parents.length) begun.push(run);
    }
  }
  measured.sort((a, b) => a.point.temperature - b.point.temperature);
  return { measured, begun };
}

/**
 * The run that asks the parent these items at another temperature.
 *
 * @throws NamedError `CheckpointInvalid` where the page's wording is not that of the stored answers any more
 */
export async function planCooled(
  store: ControlStore,
  parent: SideFacts,
  parents: readonly ItemFigures[],
  temperature: number,
  names: { readonly runId: string; readonly createdAt: string },
): Promise<NewRun> {
  const { runId, checkpointId } = parent;
  const [first] = await store
    .entries(runId)
    .then((entries) => entries.filter((entry) => entry.checkpointId === checkpointId));
  const record = first ? await store.record(first) : null;
  if (record && !isAskedSo(record)) {
    throw new NamedError(
      'CheckpointInvalid',
      `${checkpointId} was asked in the words ${record.promptVersion}, which this page does not use any more: run both checkpoints again.`,
    );
  }
  return cooledRun(parent, itemsOf(await store.items(runId), parents), temperature, names);
}
