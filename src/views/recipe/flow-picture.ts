/**
 * The flow chart as SVG, for its file: on the page it is HTML, whose words wrap and turn into a column
 * on a phone. The same steps, the same look. Pure, in px.
 */

import { textLines, type Drawing, type Palette } from '../../charts/chart-sheet.ts';
import { wrapAll } from '../../charts/fit-text.ts';
import type { FlowStep } from './flow-steps.ts';

const BOX = 230;
const BETWEEN = 48;
const PADDING = 12;
const LINE = 16;
/** Room for the word on the way down. */
const WAY = 28;

interface Line {
  readonly text: string;
  readonly look: 'strong' | 'soft' | 'sets';
}

const SIZES = { strong: 14, soft: 12, sets: 12 } as const;

export function flowPicture(steps: readonly FlowStep[], palette: Palette): Drawing {
  const questions = steps.map(({ question, condition }) => [
    ...lines(question, 'strong'),
    ...lines(condition, 'soft'),
  ]);
  const ends = steps.map(({ title, advice, sets }) => [
    ...lines(title, 'strong'),
    ...lines(advice, 'soft'),
    ...lines(sets.length === 0 ? 'no set' : sets.join(', '), 'sets'),
  ]);
  const top = boxHeight(questions);
  const bottom = boxHeight(ends);
  const markup = steps.map((step, at) => {
    const x = at * (BOX + BETWEEN);
    const isLast = at === steps.length - 1;
    const hasSets = step.sets.length > 0;
    return [
      box({ x, y: 0, height: top, radius: 20, fill: palette.surface, stroke: palette.lineStrong }),
      words(questions[at] ?? [], x, 0, palette),
      way(isLast ? '↓' : 'yes ↓', x + BOX / 2, top + 19, palette),
      box({
        ...{ x, y: top + WAY, height: bottom, radius: 6, fill: palette.surface },
        ...(hasSets ? { stroke: palette.ink, strokeWidth: 2 } : { stroke: palette.lineStrong }),
      }),
      words(ends[at] ?? [], x, top + WAY, palette),
      isLast ? '' : way('no →', x + BOX + BETWEEN / 2, top / 2 + 4, palette),
    ].join('');
  });
  return {
    markup: markup.join(''),
    width: steps.length * BOX + (steps.length - 1) * BETWEEN,
    height: top + WAY + bottom + 2,
  };
}

const lines = (text: string, look: Line['look']): readonly Line[] =>
  wrapAll(text, BOX - 2 * PADDING, SIZES[look]).map((one) => ({ text: one, look }));

const boxHeight = (columns: readonly (readonly Line[])[]): number =>
  2 * PADDING + LINE * Math.max(0, ...columns.map(({ length }) => length));

interface Box {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly radius: number;
  readonly fill: string;
  readonly stroke: string;
  readonly strokeWidth?: number;
}

const box = ({ x, y, height, radius, fill, stroke, strokeWidth = 1 }: Box): string =>
  `<rect x="${String(x)}" y="${String(y)}" width="${String(BOX)}" height="${String(height)}" rx="${String(radius)}" fill="${fill}" stroke="${stroke}" stroke-width="${String(strokeWidth)}"/>`;

function words(content: readonly Line[], x: number, y: number, palette: Palette): string {
  return content
    .map(({ text, look }, at) =>
      textLines(
        [text],
        { x: x + PADDING, y: y + PADDING + at * LINE + 12, lineHeight: LINE },
        `font-size="${String(SIZES[look])}" font-weight="${look === 'soft' ? '400' : '600'}" fill="${look === 'soft' ? palette.inkSoft : palette.ink}"`,
      ),
    )
    .join('');
}

const way = (text: string, x: number, y: number, palette: Palette): string =>
  textLines(
    [text],
    { x, y, lineHeight: LINE },
    `font-size="12" text-anchor="middle" fill="${palette.inkSoft}"`,
  );
