/** What is said of a run that came from a file. Pure. */

import type { ImportQuestion, TransferOutcome } from '../../state/run-transfer.svelte.ts';
import { formatCount } from '../../ui/format-amount.ts';
import { totalOf } from '../../core/sets/total-records.ts';

type Imported = Extract<TransferOutcome, { readonly kind: 'imported' }>;
export type ImportReport = Imported['report'];

export interface ReportWords {
  /** Something of the file is not there. */
  readonly kind: 'info' | 'warning';
  readonly title: string;
  readonly facts: readonly string[];
  /** Lines that were left out, the first few. */
  readonly lines: readonly string[];
  /** `and 3 more`; empty when all are named. */
  readonly more: string;
}

const LINES_NAMED = 5;

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** Whether all records of the run are here: only images can be missing. */
export const isWhole = ({ here }: ImportQuestion): boolean =>
  here !== null && here.done >= totalOf(here);

/** Before a run is added to: what is here, and what the file says that it has. */
export function questionWords(question: ImportQuestion): string {
  const { here, header } = question;
  if (here === null) return '';
  if (isWhole(question)) {
    return `${formatCount(here.done)} of ${counted(totalOf(here), 'record')} are here: the file has nothing to add, unless pictures are missing.`;
  }
  const promised = header.set?.done ?? null;
  return [
    `${formatCount(here.done)} of ${counted(totalOf(here), 'record')} are here`,
    promised === null ? '.' : `; the file says that it has ${formatCount(promised)}.`,
    ' What is here stays as it is: importing adds only what is missing.',
  ].join('');
}

export function reportWords(report: ImportReport): ReportWords {
  const { added, known, promised, problems, problemCount } = report;
  const absent = promised === null ? 0 : Math.max(0, promised - added - known);
  const { run, missingImages } = report;
  // A run that is whole does not ask for them again.
  const missingWrong = run.done < totalOf(run) ? report.missingWrongImages : 0;
  const named = problems.slice(0, LINES_NAMED);
  const unnamed = problemCount - named.length;
  return {
    kind: problemCount + absent + missingImages + missingWrong > 0 ? 'warning' : 'info',
    title:
      added === 0 ? 'Nothing was added' : `${counted(added, 'record was', 'records were')} added`,
    facts: [
      ...(known > 0 ? [`${counted(known, 'record was', 'records were')} known already.`] : []),
      ...(absent > 0
        ? [
            `${formatCount(absent)} of ${counted(promised ?? 0, 'record')} that the file names did not come in.`,
          ]
        : []),
      ...(missingImages > 0
        ? [
            `${counted(missingImages, 'image is', 'images are')} missing: answers and figures are there, the picture is not.`,
          ]
        : []),
      ...(missingWrong > 0
        ? [
            `${counted(missingWrong, 'image')} to stand in as wrong ones ${missingWrong === 1 ? 'is' : 'are'} missing: the run cannot go on here.`,
          ]
        : []),
      ...(problemCount > 0 ? [`${counted(problemCount, 'line was', 'lines were')} left out:`] : []),
    ],
    lines: named.map(({ line, message }) => `Line ${String(line)}: ${message}`),
    more: unnamed > 0 ? `and ${formatCount(unnamed)} more` : '',
  };
}
