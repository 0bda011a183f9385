/** Texts as files that `mergeRuns` reads, and a merge as text. */

import type { MergeFile } from '../../src/storage/merge/merge-file.ts';
import { mergeRuns } from '../../src/storage/merge/merge-runs.ts';

/** @param pieceBytes how much comes at once: small ones cut lines and characters */
export function mergeFile(name: string, text: string, pieceBytes = 1000): MergeFile {
  const bytes = new TextEncoder().encode(text);
  return {
    name,
    bytes: async function* () {
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
      }
    },
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}

export async function mergedText(files: readonly MergeFile[]) {
  const { report, pieces } = await mergeRuns(files);
  let text = '';
  for await (const piece of pieces()) text += piece;
  return { report, text };
}

/** Without what differs between any two runs: id, time of day, times taken. */
export const timelessText = (text: string): string =>
  text
    .replaceAll(/"runId":"[^"]*"/g, '"runId":""')
    .replaceAll(/"createdAt":"[^"]*"/g, '"createdAt":""')
    .replaceAll(/"elapsedMs":[\d.e+-]+/g, '"elapsedMs":0');
