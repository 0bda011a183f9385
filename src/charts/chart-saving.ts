/** How charts reach the page's download, given once for all of them: they stand too deep for props. */
import { getContext, setContext } from 'svelte';

export interface ChartSaving {
  readonly save: (fileName: string, file: Blob) => void;
  /** Stated in every file. */
  readonly appVersion: string;
}

/** `null` where nothing can be saved, e.g. on a projector. */
type Given = () => ChartSaving | null;

const KEY = Symbol('chart saving');

/** For all charts below the component that is being made. */
export function provideChartSaving(given: Given): void {
  setContext(KEY, given);
}

/** To be called while a component is made. */
export const chartSaving = (): Given => getContext<Given | undefined>(KEY) ?? (() => null);
