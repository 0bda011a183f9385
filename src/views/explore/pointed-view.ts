/** Words for what is pointed at in a result: count, share, log-probability and, at a fork, the others. Pure. */

import { formatProbability } from '../../core/format.ts';
import {
  litSamples,
  tokenFork,
  type Lit,
  type PointedRecord,
  type PointTarget,
  type Readout,
} from '../../core/pointing.ts';
import { answerLabel } from '../../core/question.ts';
import { tokenCount, totalLogProb } from '../../core/sample-facts.ts';
import type { RunGroup } from '../../state/run-groups.ts';
import { panelOf, type ResultPanel } from './result-panel.ts';

export interface Pointed {
  readonly lit: Lit;
  readonly readout: Readout;
}

export function pointedAt({ records }: RunGroup, target: PointTarget): Pointed {
  const panels = records.map(({ record }) => panelOf(record));
  const lit = litSamples(target, panels.map(pointedRecord));
  return { lit, readout: readoutOf(target, panels, lit) };
}

const pointedRecord = ({ series, record, answersOf }: ResultPanel): PointedRecord => ({
  id: series.id,
  question: record.question,
  samples: record.samples,
  answersOf,
});

function readoutOf(target: PointTarget, panels: readonly ResultPanel[], lit: Lit): Readout {
  if (target.kind === 'band') return target.readout;
  if (target.kind === 'pass') return passReadout(target.k, panels, lit);
  const own = panels.find(({ series }) => series.id === target.checkpointId);
  const others = panels.filter((one) => one !== own).map((one) => countWords(one, lit));
  const title = own?.series.title ?? target.checkpointId;
  if (!own) return { title, label: '', facts: [], alternatives: [], others };
  const base = { title, alternatives: [], others };
  if (target.kind === 'answer') {
    return { ...base, label: labelOf(own, target.answer), facts: answerFacts(own, lit) };
  }
  if (target.kind === 'sample') {
    const facts = sampleFacts(own, target.index);
    const answer = labelOf(own, own.answersOf.get(target.index) ?? null);
    return { ...base, label: `#${String(target.index)} → ${answer}`, facts };
  }
  const fork = tokenFork(pointedRecord(own), target.index, target.place);
  if (!fork) return { ...base, label: '', facts: [] };
  const { reaching, drawing, logProb } = fork;
  return {
    ...base,
    label: shownToken(fork.text),
    facts: [
      `${String(drawing)} of ${String(reaching)} that come here draw it (${formatProbability(drawing / reaching)})`,
      ...(logProb === null
        ? []
        : [`p ${formatProbability(Math.min(1, Math.exp(logProb)))}`, `log p ${minus(logProb)}`]),
    ],
    alternatives: fork.alternatives.map((one) => ({ ...one, text: shownToken(one.text) })),
  };
}

/** A blank or a line break is a token too. */
export const shownToken = (text: string): string =>
  text.trim() === '' ? JSON.stringify(text).slice(1, -1).replaceAll(' ', '␣') || '∅' : text.trim();

const minus = (value: number): string => value.toFixed(2).replace('-', '−');

const labelOf = ({ record }: ResultPanel, answer: string | null): string =>
  answerLabel(answer, record.question);

const litIn = ({ series }: ResultPanel, lit: Lit): ReadonlySet<number> =>
  lit.get(series.id) ?? new Set();

const countWords = (panel: ResultPanel, lit: Lit): string =>
  `${panel.series.title} ${String(litIn(panel, lit).size)} of ${String(panel.summary.n)}`;

function answerFacts(panel: ResultPanel, lit: Lit): readonly string[] {
  const { n } = panel.summary;
  const indexes = litIn(panel, lit);
  const logProbs = panel.record.samples
    .filter(({ index }) => indexes.has(index))
    .flatMap((sample) => totalLogProb(sample) ?? []);
  const [low, high] = [Math.min(...logProbs), Math.max(...logProbs)];
  const range = low === high ? minus(low) : `${minus(low)} to ${minus(high)} each`;
  return [
    `${String(indexes.size)} of ${String(n)} samples (${formatProbability(n === 0 ? 0 : indexes.size / n)})`,
    ...(logProbs.length === 0 ? [] : [`log p ${range}`]),
  ];
}

function sampleFacts({ record, summary }: ResultPanel, index: number): readonly string[] {
  const sample = record.samples.find((one) => one.index === index);
  if (!sample) return [];
  const [logProb, tokens] = [totalLogProb(sample), tokenCount(sample)];
  return [
    `1 of ${String(summary.n)} samples`,
    ...(tokens === null ? [] : [`${String(tokens)} tokens`]),
    ...(logProb === null ? [] : [`log p ${minus(logProb)}`]),
  ];
}

function passReadout(k: number, panels: readonly ResultPanel[], lit: Lit): Readout {
  const values = panels.flatMap(({ series, summary }) => {
    const value = summary.passAtK.find((point) => point.k === k)?.unbiased ?? null;
    return value === null ? [] : [`${series.title} ${formatProbability(value)}`];
  });
  return {
    title: 'Pass@k',
    label: `k = ${String(k)}`,
    facts: [`a right one among ${String(k)}: ${values.join(' · ')}`],
    alternatives: [],
    others: [`right: ${panels.map((one) => countWords(one, lit)).join(' · ')}`],
  };
}
