/** What a server was found to do, in words. Pure. */

import type { CheckpointSlot } from '../../state/checkpoint-choice.svelte.ts';

type Capabilities = NonNullable<CheckpointSlot['capabilities']>;
type Has = Capabilities['n']['has'];

export interface AbilityRow {
  readonly name: string;
  readonly has: Has;
  /** Beside the words: never alone. */
  readonly sign: string;
  readonly words: string;
  readonly reason: string;
}

const SIGNS: Readonly<Record<Has, string>> = { yes: '✓', no: '✗', unknown: '?' };
const WORDS: Readonly<Record<Has, string>> = {
  yes: 'Yes',
  no: 'No',
  unknown: 'Not known, asked for until it is refused',
};
const KINDS: Readonly<Record<Capabilities['logProbKind'], string>> = {
  model: 'They are the model’s own, at T = 1.',
  tempered: 'They are those at the temperature of the request.',
  unknown: 'Whether they are the model’s own did not show: none are believed.',
};

/** In the order in which they matter to a run. */
export function abilityRows(found: Capabilities): readonly AbilityRow[] {
  const { n, seed, logProbs, logProbKind, topK, minP, streaming, tokenIds } = found;
  const row = (name: string, { has, reason }: Capabilities['n'], more = ''): AbilityRow => ({
    ...{ name, has, sign: SIGNS[has], words: WORDS[has] },
    reason: [reason, more].filter((part) => part !== '').join(' '),
  });
  return [
    row('several answers a request', n, n.has === 'no' ? 'Each answer is asked for alone.' : ''),
    row('seeds', seed, seed.has === 'no' ? 'Nobody can draw these answers again.' : ''),
    row('log-probabilities', logProbs, logProbs.has === 'no' ? '' : KINDS[logProbKind]),
    row('top-k', topK),
    row('min-p', minP),
    row('streaming', streaming),
    row('token ids', tokenIds),
  ];
}
