/** Colours of the page as every program reads them: `#rrggbb` and an opacity, whatever CSS wrote. */
import type { Palette } from './chart-sheet.ts';

export interface Paint {
  readonly hex: string;
  /** 0 … 1. */
  readonly alpha: number;
}

/** Reads CSS colours through one pixel of a canvas, which knows `oklch()` and `color-mix()`. */
export class PaintReader {
  readonly #known = new Map<string, Paint>();
  readonly #pixel: CanvasRenderingContext2D;

  constructor() {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1, 1];
    const pixel = canvas.getContext('2d', { willReadFrequently: true });
    if (!pixel) throw new Error('This browser draws no canvas, so that colours cannot be read.');
    this.#pixel = pixel;
  }

  /** @param color computed by the browser, without variables */
  read(color: string): Paint {
    const paint = this.#known.get(color) ?? this.#draw(color);
    this.#known.set(color, paint);
    return paint;
  }

  #draw(color: string): Paint {
    const pixel = this.#pixel;
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = color;
    pixel.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = pixel.getImageData(0, 0, 1, 1).data;
    const hex = [red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('');
    return { hex: `#${hex}`, alpha: Math.round((alpha / 255) * 1000) / 1000 };
  }
}

const TOKENS: Readonly<Record<keyof Palette, string>> = {
  page: '--page',
  surface: '--surface',
  ink: '--ink',
  inkSoft: '--ink-soft',
  line: '--line',
  lineStrong: '--line-strong',
};

/** The theme's colours where `host` stands. */
export function paletteOf(host: Element, paints: PaintReader): Palette {
  // A variable's own value is what was written, with `light-dark()` in it; a colour is computed.
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const colorOf = (token: string): string => {
    probe.style.color = `var(${token})`;
    return paints.read(getComputedStyle(probe).color).hex;
  };
  const palette = {
    page: colorOf(TOKENS.page),
    surface: colorOf(TOKENS.surface),
    ink: colorOf(TOKENS.ink),
    inkSoft: colorOf(TOKENS.inkSoft),
    line: colorOf(TOKENS.line),
    lineStrong: colorOf(TOKENS.lineStrong),
  };
  probe.remove();
  return palette;
}
