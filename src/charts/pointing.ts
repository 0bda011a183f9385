/** How charts of one result light the same samples, given once for all of them. */
import { getContext, setContext } from 'svelte';
import type { Lit, PointTarget, Readout } from '../core/pointing.ts';

export interface ChartPointing {
  /** `null` when nothing is pointed at. */
  readonly target: PointTarget | null;
  /** What is pointed at or pinned; `null` for nothing: then all is shown alike. */
  readonly lit: Lit | null;
  /** Words for `lit`. */
  readonly readout: Readout | null;
  readonly point: (target: PointTarget | null) => void;
}

type Given = () => ChartPointing | null;

const KEY = Symbol('pointing');

/** For all charts below the component that is being made. */
export function providePointing(given: Given): void {
  setContext(KEY, given);
}

/** To be called while a component is made; `null` where charts are not linked. */
export const chartPointing = (): Given => getContext<Given | undefined>(KEY) ?? (() => null);

/** Handlers of a mark, for pointer and keyboard alike; none where charts are not linked. */
export function pointsAt(pointing: ChartPointing | null, target: PointTarget) {
  if (!pointing) return {};
  const on = () => {
    pointing.point(target);
  };
  const off = () => {
    pointing.point(null);
  };
  return { onpointerenter: on, onfocus: on, onpointerleave: off, onblur: off };
}
