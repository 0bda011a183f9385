/** Room that the verdict and the river take once a run is whole, kept from its start so that nothing moves. Pure. */

export interface RunShape {
  /** Width of the part, px, and the factor of its type. */
  readonly width: number;
  readonly zoom: number;
  readonly checkpoints: number;
  /** Asked for without reasoning. */
  readonly isDirect: boolean;
  /** Options of the question; 0 for a free answer. */
  readonly options: number;
}

const LINE = 19.6;
const TABLE_WIDTH = 640;
/** The verdict stands beside its table from here on, px. */
const BESIDE = 980;
const MOST_WORDS_WIDTH = 760;
/** Mean advance of the verdict's type, with what is lost at the ends of lines. */
const ADVANCE = 7.3;

/** Characters of the longest usual sentence. */
const charactersOf = (checkpoints: number): number =>
  checkpoints === 1 ? 400 : 100 + 110 * checkpoints;

export function wordsRoom({ width, zoom, checkpoints }: RunShape): number {
  const inner = width / zoom;
  const wordsWidth = Math.min(inner >= BESIDE ? inner - TABLE_WIDTH : inner, MOST_WORDS_WIDTH);
  const lines = Math.ceil((charactersOf(checkpoints) * ADVANCE) / Math.max(160, wordsWidth));
  return Math.round(zoom * lines * LINE);
}

/** Headline, words and table together. */
export function verdictRoom(run: RunShape): number {
  const inner = run.width / run.zoom;
  const rows = 21 + run.checkpoints * (inner < 560 ? 58 : 21);
  const table = run.zoom * (rows + (run.checkpoints > 1 ? 21 : 0));
  const words = wordsRoom(run);
  return Math.round(run.zoom * 34 + (inner >= BESIDE ? Math.max(words, table) : words + 8 + table));
}

const END_PITCH = 16;
const MOST_ENDS = 6;

/** @param height what the rivers aim at together, px */
export function riverRoom(
  { width, zoom, checkpoints, options, isDirect }: RunShape,
  height: number,
): number {
  const inner = width / zoom;
  const isNarrow = inner < 560;
  const ends = options === 0 ? MOST_ENDS : Math.min(MOST_ENDS, options + 1);
  const thickness = Math.max(isNarrow ? 56 : 44, Math.min(150, (height / checkpoints) * 0.52));
  // One band does not spread where the answer is all there is to say.
  const one = Math.max(thickness * (isDirect ? 1.2 : 1.65), ends * END_PITCH + 12);
  const marks = one + (isNarrow ? 36 : 20);
  const lines = isNarrow ? 45 * checkpoints + 20 : 32;
  return Math.round(zoom * (checkpoints * marks + lines));
}
