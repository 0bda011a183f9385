/**
 * Compare as an address: `#/compare?side=<runId>:<checkpointId>&side=…`, in the order compared; `rl=<runId>`
 * for all RL checkpoints of a run in the transfer map, `map=informative|support` for what its cells are, and
 * `published=7B:pmc_vqa` for the published curves. What is as at first is left out. Pure.
 */

import { TRANSFER_MEASURES, type TransferMeasure } from '../core/sets/transfer.ts';
import {
  FIRST_CHOICE,
  PUBLISHED_SETS,
  PUBLISHED_SIZES,
  type PublishedChoice,
} from '../data/published-curves.ts';

export interface SideAddress {
  readonly runId: string;
  readonly checkpointId: string;
}

export interface CompareAddress {
  readonly sides: readonly SideAddress[];
  /** Run of the transfer map; `null` for the compared steps only. */
  readonly rlRunId: string | null;
  readonly measure: TransferMeasure;
  readonly published: PublishedChoice;
}

/** Sides that are malformed or named twice are left out; what else is malformed is as at first. */
export function parseCompareLink(hash: string): CompareAddress {
  const parts = (hash.split('?')[1] ?? '').split('&');
  const values = (key: string): readonly string[] =>
    parts.flatMap((part) => (part.startsWith(`${key}=`) ? [part.slice(key.length + 1)] : []));
  const sides = values('side').flatMap((text) => pairOf(text));
  const [run] = values('rl').map(decoded);
  const [map] = values('map');
  const [published] = values('published').flatMap((text) => pairOf(text));
  return {
    sides: sides
      .map(([runId, checkpointId]) => ({ runId, checkpointId }))
      .filter((side, at, all) => all.findIndex((one) => isSame(one, side)) === at),
    rlRunId: run === undefined || run === '' ? null : run,
    measure: TRANSFER_MEASURES.find((measure) => measure === map) ?? 'accuracy',
    published: {
      size: PUBLISHED_SIZES.find((size) => size === published?.[0]) ?? FIRST_CHOICE.size,
      set: PUBLISHED_SETS.find(({ id }) => id === published?.[1])?.id ?? FIRST_CHOICE.set,
    },
  };
}

export function formatCompareLink({
  sides,
  rlRunId,
  measure,
  published: { size, set },
}: CompareAddress): string {
  const isFirst = size === FIRST_CHOICE.size && set === FIRST_CHOICE.set;
  const parts = [
    ...sides.map(
      ({ runId, checkpointId }) =>
        `side=${encodeURIComponent(runId)}:${encodeURIComponent(checkpointId)}`,
    ),
    ...(rlRunId === null ? [] : [`rl=${encodeURIComponent(rlRunId)}`]),
    ...(measure === 'accuracy' ? [] : [`map=${measure}`]),
    ...(isFirst ? [] : [`published=${size}:${set}`]),
  ];
  return parts.length === 0 ? '#/compare' : `#/compare?${parts.join('&')}`;
}

const isSame = (a: SideAddress, b: SideAddress): boolean =>
  a.runId === b.runId && a.checkpointId === b.checkpointId;

/** Some programs that pass addresses on write the colon as `%3A`. */
function pairOf(text: string): readonly (readonly [string, string])[] {
  const parts = text.includes(':') ? splitAtColon(text).map(decoded) : splitAtColon(decoded(text));
  const [first = '', second = ''] = parts;
  return first === '' || second === '' ? [] : [[first, second]];
}

function splitAtColon(text: string): readonly string[] {
  const at = text.indexOf(':');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** `''` where it is malformed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
