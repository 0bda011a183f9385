/** Where right and wrong part: the fork of a river at which most of the truth's share is lost. Pure. */

import { bandWords } from './river-selection.ts';
import type { BandShape, RiverShape } from './river-shapes.ts';

export interface TruthFork {
  /** The band that forks. */
  readonly from: BandShape;
  /** The branch that loses most, and the one that gains most. */
  readonly away: BandShape;
  readonly towards: BandShape;
  /** Samples that come to the fork, and those of them that go away and end wrong. */
  readonly reaching: number;
  readonly leaving: number;
}

/** Less lost than this share of the samples, or than one sample, is no place to look at. */
const LEAST_SHARE = 0.03;

/** @returns `null` without a marked truth, and where no branch is much worse than where it comes from */
export function truthFork({ bands, ends, sampleCount }: RiverShape): TruthFork | null {
  if (!ends.some(({ answer }) => answer.correct === true)) return null;
  const least = Math.max(1, LEAST_SHARE * sampleCount);
  let best: (TruthFork & { readonly loss: number }) | null = null;
  for (const from of bands) {
    const children = bands.filter(({ parentId }) => parentId === from.id);
    const share = from.rightCount / Math.max(1, from.places.length);
    // Right samples more than as many of the parent would have: what is gained here is lost there.
    const gains = children
      .map((band) => ({ band, gain: band.rightCount - share * band.places.length }))
      .sort((a, b) => a.gain - b.gain);
    const [away, towards] = [gains[0], gains.at(-1)];
    const losing = gains.filter(({ gain }) => gain < 0);
    const loss = -losing.reduce((sum, { gain }) => sum + gain, 0);
    if (!away || !towards || away === towards || loss < least) continue;
    // "Other reasoning" is no word that anyone drew.
    if (away.band.kind !== 'run' || towards.band.kind !== 'run') continue;
    if (best !== null && loss <= best.loss) continue;
    best = {
      from,
      away: away.band,
      towards: towards.band,
      reaching: from.places.length,
      leaving: losing.reduce((sum, { band }) => sum + band.places.length - band.rightCount, 0),
      loss,
    };
  }
  return best;
}

const MOST_WORDS = 3;

/** The beginning of a branch, enough to find it. */
export function branchWords(band: BandShape): string {
  const words = bandWords(band).split(' ');
  return words.length <= MOST_WORDS ? words.join(' ') : `${words.slice(0, MOST_WORDS).join(' ')} …`;
}
