/** Does a record belong to a run: only what was asked alike, by the same weights, is one run. */

import type { ItemRecord } from '../core/types.ts';
import { answererInOrder, samplerInOrder } from './run-lines.ts';
import type { RunSettings, StoredRun } from './stored-run.ts';

/** What a run of a file without settings asks: what its first record was asked. */
export function settingsOf({
  promptMode,
  hint,
  sampler,
  nulls,
  answerer,
}: ItemRecord): RunSettings {
  return {
    checkpointIds: [answerer.checkpointId],
    promptMode,
    hint,
    sampler: samplerInOrder(sampler),
    nulls: nulls !== undefined,
  };
}

/** Why the record is none of the run, a sentence; `null` when it is. */
export function settingsProblem(
  record: ItemRecord,
  run: Pick<StoredRun, 'settings' | 'origin' | 'answerers'>,
): string | null {
  const { settings, origin, answerers } = run;
  const { checkpointId } = record.answerer;
  const difference = askedDifference(settingsOf(record), settings);
  if (difference !== null) return `The record was asked with another ${difference} than the run.`;
  if (origin === 'here' && !settings.checkpointIds.includes(checkpointId)) {
    return `The run that is here does not ask ${checkpointId}.`;
  }
  const before = answerers[checkpointId];
  if (!before || sameValue(answererInOrder(before), answererInOrder(record.answerer))) return null;
  return `${checkpointId} answered with other weights or on another device than in the rest of the run.`;
}

/** What two runs ask differently; `null` when nothing. Checkpoints and nulls are not compared. */
export function askedDifference(one: RunSettings, other: RunSettings): string | null {
  if (one.promptMode !== other.promptMode) return 'prompt';
  if (one.promptMode === 'hinted' && one.hint !== other.hint) return 'hint';
  const samplers = [samplerInOrder(one.sampler), samplerInOrder(other.sampler)] as const;
  for (const [name, words] of Object.entries(KNOBS) as [keyof typeof KNOBS, string][]) {
    if (samplers[0][name] !== samplers[1][name]) return words;
  }
  return null;
}

/** The same of everything that two runs ask, with an article: `another K`; `null` when nothing. */
export function settingsDifference(one: RunSettings, other: RunSettings): string | null {
  if (!sameValue(one.checkpointIds, other.checkpointIds)) {
    return `the checkpoints ${other.checkpointIds.join(', ')}, not ${one.checkpointIds.join(', ')}`;
  }
  const asked = askedDifference(one, other);
  if (asked !== null) return `another ${asked}`;
  if (one.nulls === other.nulls) return null;
  return other.nulls ? 'nulls, which the other has not' : 'no nulls, which the other has';
}

const KNOBS = {
  k: 'K',
  temperature: 'temperature',
  topK: 'top-k',
  topP: 'top-p',
  minP: 'min-p',
  maxNewTokens: 'limit of tokens',
  seed: 'seed',
} as const;

const sameValue = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
