/** What of the state the pieces of Evaluate are given, by name. */

import type { RunShelf } from '../../state/run-shelf.svelte.ts';
import type { SetDraft } from '../../state/set-draft.svelte.ts';
import type { CheckpointFigures, SetResults } from '../../state/set-results.svelte.ts';

export type StoredRun = RunShelf['runs'][number];
export type ItemRow = SetResults['rows'][number];
export type RunFigures = CheckpointFigures['figures'];
export type SetFigures = RunFigures['all'];
export type Estimate = SetFigures['accuracyAt1'];

/** A file with its path in the folder it came from. */
export type PathedFile = Parameters<SetDraft['addFiles']>[0][number];
