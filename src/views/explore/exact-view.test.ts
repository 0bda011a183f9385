import { describe, expect, it } from 'vitest';
import { answerBounds } from '../../core/answer-bounds.ts';
import { BLOOD_QUESTION, recordOf } from '../../core/record-fixture.ts';
import { DEFAULT_EXACT, type CheckpointBounds } from '../../state/exact-bounds.svelte.ts';
import { exactLine, exactView, traceRows } from './exact-view.ts';
import { exactWords, nameOfBounds } from './exact-words.ts';

type Masses = readonly (readonly [string | null, number])[];

function progressOf(masses: Masses) {
  const bounds = answerBounds(new Map(masses), BLOOD_QUESTION);
  return { bounds, passes: 1, nodes: 12, leaves: 3, elapsedMs: 1234 };
}

function boundsOf(masses: Masses, changes: Partial<CheckpointBounds> = {}): CheckpointBounds {
  const progress = progressOf(masses);
  const base = { checkpointId: 'tiny-sft', knobs: DEFAULT_EXACT, phase: 'epsilon' as const };
  return { ...base, progress, error: null, ...changes };
}

const LISTED = {
  reading: 'first-letter' as 'first-letter' | 'whole-text',
  alternatives: 20,
  answers: 16,
  caution: null as string | null,
};

const record = recordOf(['<answer>B</answer>', '<answer>A</answer>']);

describe('exactLine', () => {
  it('says yes with P(right) and Pass@K, and what it took', () => {
    const one = boundsOf([
      ['B', 0.25],
      ['A', 0.75],
    ]);
    expect(exactLine(record, one)).toMatchObject({
      support: 'yes',
      finding: 'In the support at ε = 0.001: yes. P(right) 0.25, Pass@16 0.99.',
      note: '',
      cost: 'ε reached · 0 unexplored · 12 nodes in 1 pass · 1.2 s',
    });
  });

  it('says no only when nothing that is left could change it', () => {
    const of = (mass: number) => exactLine(record, boundsOf([['A', mass]], { phase: 'budget' }));
    expect(of(0.99995).support).toBe('no');
    const open = of(0.9);
    expect(open.support).toBe('undecided');
    expect(open.finding).toMatch(/undecided, 0\.10 is unexplored\. P\(right\) <0\.10/);
    expect(open.cost).toMatch(/^node budget spent · 0\.10 unexplored/);
  });

  it('says why bounds that leave everything open stand in the panel only', () => {
    const of = (phase: 'running' | 'budget') =>
      exactLine(record, boundsOf([['A', 0.3]], { phase })).note;
    expect(of('budget')).toMatch(/Not drawn.*any answer/);
    expect(of('running')).toBe('');
  });

  it('says of a server what is bounded, from how many tokens, and never that it is exact', () => {
    const of = (changes: Partial<typeof LISTED>, masses: Masses) =>
      exactLine(
        record,
        boundsOf(masses, {
          phase: 'listed',
          progress: { ...progressOf(masses), listed: { ...LISTED, ...changes } },
        }),
      );
    const line = of({}, [['B', 0.9]]);
    expect(line.source).toMatch(
      /^The probability of the letter behind <answer>, read from the 20 most probable tokens that the server lists\. What it does not list bounds it/,
    );
    expect(line.cost).toBe(
      'all that the lists say is read · 0.10 outside the lists · 16 answers read, 12 tokens drawn · 1.2 s',
    );
    expect(of({}, [['A', 0.9]]).finding).toContain('undecided, 0.10 is outside the lists');
    expect(of({ reading: 'whole-text' }, [['B', 1]]).source).toMatch(/^The probability of whole/);
    expect(of({ caution: 'Another order.' }, [['B', 1]]).source).toMatch(
      /Another order\. Its samples may then lie outside\.$/,
    );
    expect(JSON.stringify([line, of({}, [['A', 0.3]])])).not.toMatch(/exact/i);
    expect(exactLine(record, boundsOf([['B', 1]])).source).toBe('');
  });

  it('waits without figures, and without a truth finds no support', () => {
    const waiting = boundsOf([], { progress: null, phase: 'waiting' });
    expect(exactLine(record, waiting)).toMatchObject({ support: null, cost: 'waiting' });
    const truthless = recordOf([], { question: { ...BLOOD_QUESTION, correctOptions: [] } });
    expect(exactLine(truthless, boundsOf([['B', 1]])).support).toBeNull();
  });
});

describe('exactWords', () => {
  const listed = boundsOf([['B', 1]], {
    progress: { ...progressOf([['B', 1]]), listed: LISTED },
  });
  it('names bounds by where they come from', () => {
    expect(exactWords('model', [], 'direct').title).toBe('Exact probabilities');
    expect(exactWords('model', [], 'think').hint).toContain('stay wide');
    const lists = exactWords('lists', [], 'direct');
    expect([lists.title, lists.start]).toEqual(['Bounded probabilities', 'Bound from the lists']);
    expect(lists.hint).toContain('lists only its most probable tokens');
    // What there is counts, also when the model is gone since.
    expect(exactWords(null, [listed], 'direct').title).toBe('Bounded probabilities');
    expect(exactWords('both', [listed, boundsOf([['B', 1]])], 'direct').title).toBe(
      'Exact and bounded probabilities',
    );
    expect([nameOfBounds([]), nameOfBounds([listed])]).toEqual([null, 'bounded']);
  });
});

describe('exactView', () => {
  it('puts sampled shares beside the bounds and adds what no sample found', () => {
    const one = { record, image: null, origin: 'live' as const, createdAt: '', batch: 1 };
    const known = [{ key: 'B', label: 'eosinophil', correct: true }];
    const masses = [
      ['B', 0.5],
      [null, 0.25],
    ] as const;
    const view = exactView({ key: '1', first: one, records: [one] }, [boundsOf(masses)], known);
    expect(view.answers.map(({ key, label }) => [key, label])).toEqual([
      ['B', 'eosinophil'],
      [null, 'unparsed'],
    ]);
    expect(view.series[0]?.residual).toBe(0.25);
    expect(view.series[0]?.sampled.get('B')).toBe(0.5);
  });
});

describe('traceRows', () => {
  it('gives each option before, after and the certain difference', () => {
    const scored = (masses: Masses) => ({
      ...{ text: '', tokens: 3, knobs: DEFAULT_EXACT, status: 'epsilon' as const },
      progress: progressOf(masses),
    });
    const rows = traceRows(
      {
        before: scored([
          ['B', 0.8],
          ['A', 0.1],
        ]),
        after: scored([
          ['B', 0.2],
          ['A', 0.755],
        ]),
      },
      BLOOD_QUESTION,
    );
    expect(
      rows.map(({ key, before, after, difference }) => [key, before, after, difference]),
    ).toEqual([
      ['A', '0.10–0.20', '0.75–0.80', '+0.55 to +0.70'],
      ['B', '0.80–0.90', '0.20–0.25', '−0.70 to −0.55'],
      ['C', '<0.10', '<0.045', '−0.10 to +0.05'],
      ['D', '<0.10', '<0.045', '−0.10 to +0.05'],
    ]);
    expect(rows.find(({ key }) => key === 'B')?.correct).toBe(true);
  });
});
