/** A chart of the page as a file of its own: SVG, and PNG drawn from it. */
import { fontFacesFor } from './chart-fonts.ts';
import { paletteOf, PaintReader } from './chart-paint.ts';
import {
  sheetSvg,
  type Drawing,
  type LegendEntry,
  type Palette,
  type SvgFile,
} from './chart-sheet.ts';
import { inlineDrawing } from './inline-svg.ts';

/** Pixels of the PNG per px of the picture. */
export const PNG_SCALE = 2;

export interface ChartPicture {
  readonly title: string;
  /** The caption, a paragraph each. */
  readonly lines: readonly string[];
  readonly legend: readonly LegendEntry[];
  /** For a chart that the page shows without SVG. */
  readonly draw?: ((palette: Palette) => Drawing) | undefined;
}

/**
 * @param host the element that holds the drawings and no other SVG, in the page: their look is read there
 * @throws Error when there is no canvas to read colours with
 */
export async function chartSvg(host: Element, picture: ChartPicture): Promise<SvgFile> {
  const paints = new PaintReader();
  const palette = paletteOf(host, paints);
  const { fontFamily } = getComputedStyle(host);
  const drawings = picture.draw
    ? [picture.draw(palette)]
    : [...host.querySelectorAll('svg')].map((svg) => inlineDrawing(svg, paints, fontFamily));
  const sheet = {
    ...{ title: picture.title, lines: picture.lines, legend: picture.legend },
    ...{ drawings, palette },
    fontFamily: fontFamily.replaceAll('"', "'"),
    fontFaces: '',
  };
  const { text } = sheetSvg(sheet);
  return sheetSvg({ ...sheet, fontFaces: await fontFacesFor(text) });
}

export const svgBlob = ({ text }: SvgFile): Blob => new Blob([text], { type: 'image/svg+xml' });

/** @throws Error with a sentence when the browser does not draw it */
export async function chartPng(file: SvgFile): Promise<Blob> {
  const address = URL.createObjectURL(svgBlob(file));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = file.width * PNG_SCALE;
    canvas.height = file.height * PNG_SCALE;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob) resolve(blob);
        else reject(new Error('The browser gave no PNG.'));
      }, 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}
