import { expect, test } from 'vitest';
import { uniformStream } from './random.ts';
import { RankedTokens } from './ranked-tokens.ts';

test('tokens come by falling probability, equal ones by rising id, those without mass never', () => {
  const uniform = uniformStream(5, 'ranks');
  for (let run = 0; run < 50; run += 1) {
    // Few distinct values, so that there are ties.
    const p = Float64Array.from({ length: run + 1 }, (_, id) => Math.floor(uniform(run, id) * 6));
    const expected = [...p.keys()]
      .filter((id) => (p[id] ?? 0) > 0)
      .sort((a, b) => (p[b] ?? 0) - (p[a] ?? 0) || a - b);
    const ranking = new RankedTokens(p);
    const got: number[] = [];
    for (let id = ranking.next(); id !== null; id = ranking.next()) got.push(id);
    expect(got).toEqual(expected);
    expect(ranking.next()).toBeNull();
  }
});
