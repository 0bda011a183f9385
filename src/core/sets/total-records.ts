import { ownCount, type Shard } from './shard.ts';

/** Records of a whole run over sets, finished or not: one per item that it asks and checkpoint. */
export const totalOf = (run: {
  readonly items: number;
  readonly shard?: Shard;
  readonly settings: { readonly checkpointIds: readonly string[] };
}): number => ownCount(run.items, run.shard) * run.settings.checkpointIds.length;
