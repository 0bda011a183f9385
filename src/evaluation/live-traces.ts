/**
 * The traces of a record in the making. A run that goes on meets traces that it followed before: such
 * a trace comes again with its new samples only, and joins the earlier one instead of standing twice.
 */

import type { Sample, TraceAnswers } from '../core/types.ts';

export class LiveTraces {
  /** By token ids, those that came before this run went on. */
  private readonly earlier = new Map<string, TraceAnswers>();
  private readonly added: TraceAnswers[] = [];

  /** @param samples those of `traces`, all of them */
  constructor(traces: readonly TraceAnswers[], samples: readonly Sample[]) {
    const byIndex = bySampleIndex(samples);
    for (const trace of traces) {
      const key = keyOf(trace, byIndex);
      if (key === null) this.added.push(trace);
      else this.earlier.set(key, trace);
    }
  }

  add(traces: readonly TraceAnswers[]): void {
    this.added.push(...traces);
  }

  /**
   * All traces by their first sample, so that a record does not depend on which was known first.
   *
   * @param samples those that are finished: a trace none of whose samples is among them stands alone
   */
  all(samples: readonly Sample[]): readonly TraceAnswers[] {
    if (this.earlier.size === 0) return inOrder(this.added);
    const merged = new Map(this.earlier);
    const byIndex = bySampleIndex(samples);
    const others = this.added.filter((trace) => {
      const key = keyOf(trace, byIndex);
      const known = key === null ? undefined : merged.get(key);
      if (key === null || known === undefined) return true;
      merged.set(key, joined(known, trace));
      return false;
    });
    return inOrder([...merged.values(), ...others]);
  }
}

const bySampleIndex = (samples: readonly Sample[]): ReadonlyMap<number, Sample> =>
  new Map(samples.map((sample) => [sample.index, sample]));

/** The trace's tokens as text; `null` while none of its samples is finished, or states its tokens. */
function keyOf(
  { traceTokens, sampleIndexes }: TraceAnswers,
  samples: ReadonlyMap<number, Sample>,
): string | null {
  for (const index of sampleIndexes) {
    const sample = samples.get(index);
    if (!sample) continue;
    const { tokenIds, tokenTexts, served } = sample;
    if (tokenIds !== null) return tokenIds.slice(0, traceTokens).join(' ');
    // A server that states no ids can state the tokens' texts; words of a text are no tokens.
    const isStated = served?.missing.tokens === null;
    return isStated ? JSON.stringify(tokenTexts.slice(0, traceTokens)) : null;
  }
  return null;
}

/** The answers depend on the trace alone: the earlier ones stay. */
function joined(earlier: TraceAnswers, later: TraceAnswers): TraceAnswers {
  return {
    ...earlier,
    sampleIndexes: ascending(earlier.sampleIndexes, later.sampleIndexes),
    belowFloorIndexes: ascending(earlier.belowFloorIndexes, later.belowFloorIndexes),
  };
}

const ascending = (a: readonly number[], b: readonly number[]): number[] =>
  [...a, ...b].sort((x, y) => x - y);

function inOrder(traces: readonly TraceAnswers[]): readonly TraceAnswers[] {
  const first = ({ sampleIndexes }: TraceAnswers): number => sampleIndexes[0] ?? Infinity;
  return traces.toSorted((a, b) => first(a) - first(b));
}
