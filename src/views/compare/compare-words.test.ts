import { describe, expect, test } from 'vitest';
import { compareItems } from '../../core/sets/comparison.ts';
import {
  normalized,
  randomOf,
  simulatedPairs,
  simulatedParents,
} from '../../core/sets/set-fixture.ts';
import type { Simulated } from '../../core/sets/set-fixture.ts';
import {
  distanceWords,
  evidenceRows,
  labelRows,
  majorityWords,
  pairingWords,
  ruleWords,
  verdictRows,
  verdictSentence,
} from './compare-words.ts';

/** Cooled: the same modes, said more often. */
const sharper = (item: Simulated): Simulated => ({
  ...item,
  probabilities: normalized(item.probabilities.map((probability) => probability ** 12)),
});

function comparisonOf(count: number, childOf: (item: Simulated) => Simulated) {
  const random = randomOf(11);
  const pairs = simulatedPairs(simulatedParents(count, random), childOf, random);
  const comparison = compareItems(
    pairs.map(({ parent }) => parent),
    pairs.slice(1).map(({ child }) => child),
  );
  if (comparison === null) throw new Error('They have items in common.');
  return comparison;
}

const cooled = comparisonOf(60, sharper);

describe('the words of a step', () => {
  test('say what is paired and what is not', () => {
    expect(pairingWords(cooled, 'sft', 'rl')).toBe(
      '59 items that both answered; left out, without a partner: 1 of sft.',
    );
  });

  test('give each figure with its interval and the same figure by chance', () => {
    const rows = evidenceRows(cooled);
    const entropy = rows.find(({ id }) => id === 'entropy');
    expect(entropy?.direction).toBe('down');
    expect(entropy?.change).toMatch(/^−\d\.\d\d \(−\d\.\d\d to −\d\.\d\d\)$/);
    expect(entropy?.byChance).toMatch(/^[+−]?\d\.\d\d \(−\d\.\d\d to \+\d\.\d\d\)$/);
    expect(rows.find(({ id }) => id === 'accuracy')?.byChance).toBe('none: T = 0 has no seed');
    expect(verdictRows(cooled).map(({ dataset, items }) => [dataset, items])).toEqual([
      ['bloodmnist', 59],
    ]);
  });

  test('what moved by itself is said where it makes no verdict', () => {
    const up = { value: 0.2, interval: { lower: 0.1, upper: 0.3 } };
    const open = { value: 0.02, interval: { lower: -0.1, upper: 0.1 } };
    const down = { value: -0.2, interval: { lower: -0.3, upper: -0.1 } };
    const evidence = {
      accuracyAt1: open,
      entropyNats: down,
      imageSupport: up,
      informativeSupport: open,
      gap: open,
    };
    expect(verdictSentence('no clear change', evidence)).toMatch(
      /more items may tell\. Clear by itself: answer entropy down, image support up\.$/,
    );
    expect(
      verdictSentence('no clear change', { ...evidence, entropyNats: open, imageSupport: open }),
    ).toMatch(/more items may tell\.$/);
  });

  test('each label says which of its conditions hold', () => {
    const open = { value: 0.01, interval: { lower: -0.02, upper: 0.05 } };
    const down = { value: -0.2, interval: { lower: -0.3, upper: -0.1 } };
    const rows = labelRows({
      accuracyAt1: open,
      entropyNats: down,
      imageSupport: { value: null, interval: null },
      informativeSupport: down,
      gap: down,
    });
    expect(
      rows.map(({ verdict, holds, needs }) => [verdict, holds, needs.map((n) => n.text)]),
    ).toEqual([
      [
        'learned',
        false,
        [
          'A up: not clear, +0.01 (−0.02 to +0.05)',
          'image support up: not known',
          'S at the informative k up: no, −0.20 (−0.30 to −0.10)',
        ],
      ],
      [
        'sharpened',
        false,
        [
          'A up: not clear, +0.01 (−0.02 to +0.05)',
          'answer entropy down: yes, −0.20 (−0.30 to −0.10)',
        ],
      ],
      [
        'widened',
        false,
        ['image support up: not known', 'S at the informative k up: no, −0.20 (−0.30 to −0.10)'],
      ],
      [
        'collapsed',
        false,
        [
          'answer entropy down: yes, −0.20 (−0.30 to −0.10)',
          'G down: yes, −0.20 (−0.30 to −0.10)',
          'A not up: no, +0.01 (−0.02 to +0.05)',
        ],
      ],
    ]);
  });

  test('the label that holds first is the verdict', () => {
    const [all] = cooled.verdicts;
    expect(all && labelRows(all.evidence).find(({ holds }) => holds)?.verdict).toBe(all?.verdict);
  });

  test('a cooled parent is a collapse at best, and no more than a vote', () => {
    const [all] = cooled.verdicts;
    expect(all && verdictSentence(all.verdict, all.evidence)).toMatch(/^Collapsed: its answers/);
    expect(majorityWords(cooled, 'sft', 'rl')).toMatch(/^Training is not told apart from a vote/);
    expect(distanceWords(cooled.distance, cooled.distanceByChance)).toContain(': more than chance');
  });

  test('the same model again is no further than chance', () => {
    const same = comparisonOf(40, (item) => item);
    expect(distanceWords(same.distance, null)).toContain('no more than chance');
    expect(distanceWords(same.distance, null)).not.toContain('another seed');
  });

  test('few items bear no verdict', () => {
    const [all] = comparisonOf(5, sharper).verdicts;
    expect(all && verdictSentence(all.verdict, all.evidence)).toBe(
      'No clear change: fewer than six items in common bear no verdict.',
    );
  });

  test('the rule of a support table', () => {
    expect(cooled.supportTables.map(ruleWords)).toEqual(['Within 16 samples', 'P(right) ≥ 0.05']);
  });
});
