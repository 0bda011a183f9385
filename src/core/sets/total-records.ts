/** Records of a whole run over sets, finished or not: one per item and checkpoint. */
export const totalOf = (run: {
  readonly items: number;
  readonly settings: { readonly checkpointIds: readonly string[] };
}): number => run.items * run.settings.checkpointIds.length;
