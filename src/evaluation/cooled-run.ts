/**
 * The parent of a comparison asked colder: a run made from its stored one, and which stored runs are that
 * already. Pure.
 */

import { questionKey, type ItemFigures } from '../core/sets/item-figures.ts';
import { runTitle } from '../core/sets/shard.ts';
import type { ItemRecord, SamplerSettings } from '../core/types.ts';
import { buildPrompt } from '../data/prompts.ts';
import type { NewRun } from '../storage/run-store.ts';
import {
  itemsByDataset,
  type RunSettings,
  type StoredItem,
  type StoredRun,
} from '../storage/stored-run.ts';

/** One checkpoint's part of a stored run. */
export interface AskedSide {
  readonly run: StoredRun;
  readonly checkpointId: string;
}

/**
 * The same items put to one checkpoint of `side` with the same sampler, seed and wording, at another
 * temperature. It draws no nulls: they serve image support and the A/A null, and the control reads
 * neither. The images are those that the store has.
 */
export function cooledRun(
  { run, checkpointId }: AskedSide,
  items: readonly StoredItem[],
  temperature: number,
  { runId, createdAt }: { readonly runId: string; readonly createdAt: string },
): NewRun {
  const { settings } = run;
  return {
    run: {
      id: runId,
      name: `${checkpointId} cooled to T = ${String(temperature)}, control of ${runTitle(run)}`,
      createdAt,
      origin: 'here',
      settings: {
        ...settings,
        checkpointIds: [checkpointId],
        sampler: { ...settings.sampler, temperature },
        nulls: false,
      },
      datasets: itemsByDataset(items),
      items: items.length,
      done: 0,
      elapsedMs: 0,
      answerers: {},
    },
    items: items.map((item) => ({ ...item, wrongImages: null })),
    images: new Map(),
  };
}

/**
 * Whether a stored run asked the checkpoint as `side` did, only colder. One that has answered nothing yet
 * counts where it asks nobody else: it can be gone on with.
 */
export function isCooled(candidate: StoredRun, { run, checkpointId }: AskedSide): boolean {
  const { settings, answerers } = candidate;
  const { temperature } = settings.sampler;
  const before = run.answerers[checkpointId];
  const after = answerers[checkpointId];
  return (
    settings.checkpointIds.includes(checkpointId) &&
    temperature > 0 &&
    temperature < run.settings.sampler.temperature &&
    differences(settings, run.settings).every((knob) => knob === 'T' || knob === 'seed') &&
    settings.sampler.seed === run.settings.sampler.seed &&
    (after === undefined
      ? settings.checkpointIds.length === 1
      : JSON.stringify(after) === JSON.stringify(before))
  );
}

/** Why the parent cannot be cooled for this comparison, a sentence; `null` when it can. */
export function coolingRefusal(parent: AskedSide, child: AskedSide): string | null {
  const knobs = differences(parent.run.settings, child.run.settings).filter(
    (knob) => knob !== 'seed',
  );
  if (knobs.length > 0) {
    return `The two were asked with another ${knobs.join(', another ')}: what sets them apart may be that. Ask both in one run, then there is a control.`;
  }
  return parent.run.settings.sampler.temperature > 0
    ? null
    : `${parent.checkpointId} was asked at T = 0, where it always gives its first answer: it cannot be cooled further.`;
}

const KNOBS: readonly (readonly [name: string, knob: keyof SamplerSettings])[] = [
  ['K', 'k'],
  ['T', 'temperature'],
  ['top-p', 'topP'],
  ['top-k', 'topK'],
  ['min-p', 'minP'],
  ['token limit', 'maxNewTokens'],
  ['seed', 'seed'],
];

/** What of the sampler and the wording differs, by name. */
function differences(one: RunSettings, other: RunSettings): readonly string[] {
  const hintOf = ({ promptMode, hint }: RunSettings) => (promptMode === 'hinted' ? hint : null);
  return [
    ...KNOBS.flatMap(([name, knob]) => (one.sampler[knob] === other.sampler[knob] ? [] : [name])),
    ...(one.promptMode === other.promptMode ? [] : ['prompt mode']),
    ...(hintOf(one) === hintOf(other) ? [] : ['hint']),
  ];
}

/** Whether this page would still ask the item in the words of the record. */
export function isAskedSo({ question, promptMode, hint, promptText }: ItemRecord): boolean {
  return buildPrompt(question, promptMode, hint).text === promptText;
}

/** Of a run's items those that figures are of, each once, in the order of the run. */
export function itemsOf(
  items: readonly StoredItem[],
  figures: readonly ItemFigures[],
): readonly StoredItem[] {
  const wanted = new Set(figures.map((one) => `${one.itemId} ${one.questionKey}`));
  return items.filter(({ itemId, question, image }) =>
    wanted.delete(`${itemId} ${questionKey(question, image)}`),
  );
}
