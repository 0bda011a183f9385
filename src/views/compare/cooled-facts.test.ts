import { expect, test } from 'vitest';
import type { CooledControl } from '../../state/cooled-control.ts';
import { setRun } from '../../storage/set-run-fixture.ts';
import { cooledFacts } from './cooled-facts.ts';

const {
  newRun: { run },
} = await setRun(2);
const at = (temperature: number) => ({
  temperature,
  entropyNats: temperature,
  sampleAccuracy: 0.5,
});

test('names the temperatures that were asked, and the run that is compared', () => {
  const facts = { line: 'n = 2', full: ['Run: x'], name: 'tiny-sft to tiny-rl' };
  // Facts read the parent's name and nothing else of the step.
  const step = { parent: { checkpointId: 'tiny-sft' } } as CooledControl['step'];
  const control: CooledControl = {
    ...{ step, curve: [0, 0.42, 0.6, 1].map(at), child: at(1), comparison: null },
    ...{ state: { kind: 'matched', point: at(0.42) }, matched: { ...run, name: 'cold' } },
  };
  expect(cooledFacts(facts, control)).toEqual({
    line: 'n = 2',
    full: [
      'Run: x',
      'Control: tiny-sft asked the same again at T 0.42, 0.6, without nulls; compared is “cold”',
    ],
    name: 'tiny-sft to tiny-rl cooled',
  });
  expect(cooledFacts(facts, { ...control, matched: null }).full[1]).toMatch(/nulls$/);
});
