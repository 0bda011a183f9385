/** What a saved picture of the control states: its step, and which runs cooled the parent. Pure. */

import type { ChartFacts } from '../../charts/chart-facts.ts';
import { runTitle } from '../../core/sets/shard.ts';
import type { CooledControl } from '../../state/cooled-control.ts';

export function cooledFacts(
  facts: ChartFacts,
  { curve, matched, step }: CooledControl,
): ChartFacts {
  const temperatures = curve.slice(1, -1).map(({ temperature }) => String(temperature));
  return {
    ...facts,
    full: [
      ...facts.full,
      `Control: ${step.parent.checkpointId} asked the same again at T ${temperatures.join(', ')}, without nulls` +
        (matched === null ? '' : `; compared is “${runTitle(matched)}”`),
    ],
    name: `${facts.name} cooled`,
  };
}
