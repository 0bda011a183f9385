/** Prefixes that one forward pass expanded: they share its cache, and their children are still open. */

import type { Prefix } from './answer-tree.ts';
import type { KvCache } from './engine.ts';
import type { RankedChildren } from './ranked-children.ts';

interface OpenRow {
  readonly prefix: Prefix;
  /** Probability of the prefix. */
  readonly mass: number;
  /** Its row in the cache. */
  readonly row: number;
  readonly children: RankedChildren;
}

/** A child that was taken from its batch. */
export interface OpenChild {
  readonly parent: Prefix;
  readonly parentRow: number;
  readonly tokenId: number;
  /** Probability of the parent with this token. */
  readonly mass: number;
}

export class OpenBatch {
  readonly sizeBytes: number;
  private top: OpenRow | null = null;
  private mass: number;

  /**
   * @param cache `null` where no child needs one, because all of them end
   * @param ownsCache `false` for the cache of the start, which is the caller's
   */
  constructor(
    readonly cache: KvCache | null,
    readonly ownsCache: boolean,
    private readonly rows: readonly OpenRow[],
  ) {
    this.sizeBytes = rows.reduce(
      (sum, { children }) => sum + children.sizeBytes,
      ownsCache ? (cache?.sizeBytes ?? 0) : 0,
    );
    this.mass = rows.reduce((sum, { mass }) => sum + mass, 0);
    this.findTop();
  }

  /** Tokens of each of its prefixes. */
  get length(): number {
    return this.rows[0]?.prefix.tokenIds.length ?? 0;
  }

  /** Probability of the most probable open child; 0 when there is none. */
  get best(): number {
    return this.top === null ? 0 : bestOf(this.top);
  }

  /** Probability of all open children. */
  get openMass(): number {
    return this.top === null ? 0 : Math.max(0, this.mass);
  }

  /** Takes the most probable open child; `null` when there is none. */
  take(): OpenChild | null {
    const { best, top } = this;
    const tokenId = top?.children.take() ?? null;
    if (top === null || tokenId === null) return null;
    this.mass -= best;
    this.findTop();
    return { parent: top.prefix, parentRow: top.row, tokenId, mass: best };
  }

  private findTop(): void {
    this.top = null;
    let best = 0;
    for (const row of this.rows) {
      const mass = bestOf(row);
      if (mass > best) [this.top, best] = [row, mass];
    }
  }
}

/** 0 where nothing is left, or so little that it rounds to nothing. */
function bestOf({ mass, children }: OpenRow): number {
  return mass * children.best;
}
