/** Rows of the table of checkpoints for those that a person added. Pure. */

import type { CheckpointRow } from '../backend/answer-backend.ts';
import type { HubLicense } from '../backend/hub-repository.ts';
import { hubPage } from '../protocol/hub.ts';
import { kindOfFiles, sessionDtypes } from '../protocol/manifest.ts';
import {
  isServed,
  type AddedCheckpoint,
  type NewCheckpoint,
} from '../storage/added-checkpoints.ts';
import { hostNames } from './served-hosts.ts';

/** Name without its owner, with the data type and a number where that is taken. */
export function freeId(name: string, dtype: string, taken: readonly string[]): string {
  const own = (name.split('/').at(-1) ?? '').replace(/[^\w.-]+/g, '-').slice(0, 100);
  const plain = own === '' ? 'checkpoint' : own;
  const candidates = [plain, `${plain}-${dtype}`];
  for (let count = 2; ; count += 1) {
    const free = candidates.find((one) => !taken.includes(one));
    if (free !== undefined) return free;
    candidates.push(`${plain}-${dtype}-${String(count)}`);
  }
}

/** Two are the same checkpoint when this is. */
export function contentKey(entry: NewCheckpoint): string {
  if (!('manifest' in entry)) return JSON.stringify([entry.origin.servers, entry.origin.model]);
  const { origin, dtype, manifest } = entry;
  return JSON.stringify([origin, dtype, manifest]);
}

/** What it is called elsewhere, and what sets it apart from others of that name. */
export function nameOf(entry: NewCheckpoint): readonly [name: string, kind: string] {
  if (!('manifest' in entry)) return [entry.origin.model, 'served'];
  const { origin, dtype } = entry;
  return [origin.kind === 'hub' ? origin.repository : origin.folder, dtype];
}

/** What the chooser, the lineage and the records are told of it. */
export function rowOf(added: AddedCheckpoint): CheckpointRow {
  const { id, stage, parent } = added;
  const placed = { id, name: id, stage, parent, trainedOn: null, rlOn: stage === 'rl' ? null : [] };
  if (isServed(added)) {
    const { servers, model } = added.origin;
    const hosts = hostNames(servers);
    return {
      ...placed,
      about: `${model} on ${hosts.join(', ')}.`,
      license: 'as its publisher states it',
      cardUrl: null,
      dtype: {},
      servedBy: hosts,
    };
  }
  const { dtype, license, origin, manifest } = added;
  return {
    ...placed,
    about:
      origin.kind === 'hub'
        ? `${origin.repository} at ${manifest.revision.slice(0, 8)}.`
        : `The folder ${origin.folder} on this machine.`,
    license,
    cardUrl: origin.kind === 'hub' ? hubPage(origin) : null,
    dtype: sessionDtypes(kindOfFiles(manifest), dtype),
  };
}

export function licenseWords(license: HubLicense | null, listed: string | null): string {
  if (license === null) return listed ?? 'not stated';
  return license.name ?? license.id;
}

/** Whether the terms are more than a usual licence: to be read before a download. */
export function hasOwnTerms(license: HubLicense | null, isGated: boolean): boolean {
  return isGated || license?.id === 'other' || (license?.name ?? null) !== null;
}

type Family = Pick<CheckpointRow, 'id' | 'parent'>;

/** Who can be the parent of a row: all but itself and what comes from it. */
export function possibleParents(rows: readonly Family[], id: string): readonly string[] {
  return rows.map((row) => row.id).filter((other) => !descendsFrom(rows, other, id));
}

/** Whether a row is another one or comes from it, over any number of steps. */
function descendsFrom(rows: readonly Family[], id: string, ancestor: string): boolean {
  let current: string | null = id;
  // A circle ends: no way is longer than the table.
  for (let steps = 0; current !== null && steps <= rows.length; steps += 1) {
    if (current === ancestor) return true;
    current = rows.find((row) => row.id === current)?.parent ?? null;
  }
  return false;
}

/** The list with every parent that would close a circle taken away: such rows would not be drawn. */
export function withoutCircles(
  added: readonly AddedCheckpoint[],
  others: readonly Family[],
): readonly AddedCheckpoint[] {
  return added.reduce<readonly AddedCheckpoint[]>((list, one, at) => {
    const rest = [...others, ...list, ...added.slice(at + 1)];
    const isCircle = one.parent !== null && descendsFrom([...rest, one], one.parent, one.id);
    return [...list, isCircle ? { ...one, parent: null } : one];
  }, []);
}
