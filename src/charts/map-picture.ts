/**
 * The picture of a map of features: images at their places in frames, drawn on canvases so that thousands cost
 * a few milliseconds. Every image is kept once, side by side with the others; frames of a colour are one path.
 */

import type { RgbImage } from '../core/types.ts';
import { hueOf, letterOf, type MapPlaces } from './map-layout.ts';

export interface MapFrame {
  /** Class that colours it; `null` for none. */
  readonly label: number | null;
  /** Crossed out: what the colour says is wrong. */
  readonly isWrong: boolean;
}

export interface MapScene {
  readonly places: MapPlaces;
  /** Those that have come so far, in the order of the places. */
  readonly images: readonly RgbImage[];
  readonly frames: readonly MapFrame[];
  /** They lie on top, and the others are pale; none picked is all alike. */
  readonly picked: ReadonlySet<number>;
  /** Of an image, pixels of the page. */
  readonly side: number;
  /** Colour of the page's text, as computed: `oklch(0.25 0.03 264)`. */
  readonly ink: string;
  /** Pixels of the device in one of the page. */
  readonly ratio: number;
}

const TILE = 28;
const COLUMNS = 64;
/** Below it a letter is no longer read. */
const LETTERED_SIDE = 16;

export class MapPicture {
  /** Everything but what is drawn over it while a person acts. */
  readonly canvas = document.createElement('canvas');
  private readonly atlas = document.createElement('canvas');
  private kept: readonly RgbImage[] = [];

  draw(scene: MapScene): void {
    const { places, frames, picked, side, ratio } = scene;
    this.fill(scene.images, frames.length);
    this.canvas.width = Math.round(places.width * ratio);
    this.canvas.height = Math.round(places.height * ratio);
    const context = this.canvas.getContext('2d');
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = false;
    context.lineWidth = 2;
    context.font = `600 ${String(Math.max(8, Math.round(side / 3)))}px sans-serif`;
    context.textBaseline = 'top';
    const all = [...frames.keys()];
    if (picked.size > 0) {
      context.globalAlpha = 0.25;
      this.drawPart(
        context,
        scene,
        all.filter((image) => !picked.has(image)),
      );
      context.globalAlpha = 1;
    }
    const upper = picked.size === 0 ? all : all.filter((image) => picked.has(image));
    this.drawPart(context, scene, upper);
  }

  private drawPart(
    context: CanvasRenderingContext2D,
    scene: MapScene,
    part: readonly number[],
  ): void {
    const { images, frames, side } = scene;
    for (const image of part) {
      if (image >= images.length) continue;
      const [x, y] = cornerOf(scene, image);
      context.drawImage(this.atlas, ...tileOf(image), TILE, TILE, x, y, side, side);
    }
    const labelOf = (image: number): number | null => frames[image]?.label ?? null;
    for (const label of new Set(part.map(labelOf))) {
      const these = part.filter((image) => labelOf(image) === label);
      const tone = toneOf(label, scene.ink);
      drawFrames(context, scene, these, tone);
      if (label !== null && side >= LETTERED_SIDE) {
        drawLetters(context, scene, these, letterOf(label), tone);
      }
    }
  }

  /** Draws the tiles that are new; other images, or more of them, begin anew. */
  private fill(images: readonly RgbImage[], count: number): void {
    const height = Math.ceil(count / COLUMNS) * TILE;
    if (images[0] !== this.kept[0] || this.atlas.height !== height) {
      this.atlas.width = COLUMNS * TILE;
      this.atlas.height = height;
      this.kept = [];
    }
    const context = this.atlas.getContext('2d');
    if (!context) return;
    images.slice(this.kept.length).forEach((image, at) => {
      drawTile(context, image, this.kept.length + at);
    });
    this.kept = images;
  }
}

const tileOf = (image: number): readonly [number, number] => [
  (image % COLUMNS) * TILE,
  Math.floor(image / COLUMNS) * TILE,
];

const cornerOf = ({ places, side }: MapScene, image: number): readonly [number, number] => [
  (places.centres[2 * image] ?? 0) - side / 2,
  (places.centres[2 * image + 1] ?? 0) - side / 2,
];

function drawTile(context: CanvasRenderingContext2D, image: RgbImage, at: number): void {
  const pixels = context.createImageData(image.width, image.height);
  for (let from = 0, to = 0; from < image.data.length; from += 3, to += 4) {
    pixels.data[to] = image.data[from] ?? 0;
    pixels.data[to + 1] = image.data[from + 1] ?? 0;
    pixels.data[to + 2] = image.data[from + 2] ?? 0;
    pixels.data[to + 3] = 255;
  }
  if (image.width === TILE && image.height === TILE) {
    context.putImageData(pixels, ...tileOf(at));
    return;
  }
  const tile = document.createElement('canvas');
  tile.width = image.width;
  tile.height = image.height;
  tile.getContext('2d')?.putImageData(pixels, 0, 0);
  context.drawImage(tile, ...tileOf(at), TILE, TILE);
}

function drawFrames(
  context: CanvasRenderingContext2D,
  scene: MapScene,
  these: readonly number[],
  tone: string,
): void {
  const { side, frames } = scene;
  context.strokeStyle = tone;
  context.beginPath();
  for (const image of these) {
    const [x, y] = cornerOf(scene, image);
    context.rect(x, y, side, side);
    if (frames[image]?.isWrong !== true) continue;
    context.moveTo(x, y + side);
    context.lineTo(x + side, y);
  }
  context.stroke();
}

function drawLetters(
  context: CanvasRenderingContext2D,
  scene: MapScene,
  these: readonly number[],
  letter: string,
  tone: string,
): void {
  const width = context.measureText(letter).width + 2;
  for (const image of these) {
    const [x, y] = cornerOf(scene, image);
    context.fillStyle = tone;
    context.fillRect(x, y, width, Math.round(scene.side / 3) + 2);
    context.fillStyle = isLight(scene.ink) ? '#111' : '#fff';
    context.fillText(letter, x + 1, y + 1);
  }
}

const toneOf = (label: number | null, ink: string): string =>
  label === null ? ink : `oklch(${isLight(ink) ? '0.78' : '0.58'} 0.15 ${hueOf(label).toFixed(1)})`;

/** Light ink is for a dark page. */
const isLight = (ink: string): boolean => Number(/oklch\(([\d.]+)/.exec(ink)?.[1] ?? 0) > 0.6;
