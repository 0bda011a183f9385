/** Threads of a cross-origin isolated page: one per core but the page's own, at most eight. */
export const isolatedThreads = (cores: number): number => Math.max(1, Math.min(8, cores - 1));
