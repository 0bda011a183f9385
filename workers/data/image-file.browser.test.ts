/** Real decoding in Chromium: the files are made here, by a canvas, or cut and forged by hand. */
import { describe, expect, it } from 'vitest';
import { asNamedError, type NamedError } from '../../src/protocol/errors.ts';
import { decodeExact, decodeImageFile } from './image-file.ts';

type Paint = (context: OffscreenCanvasRenderingContext2D) => void;

async function painted(width: number, height: number, type: string, paint: Paint): Promise<Blob> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('No canvas.');
  paint(context);
  return canvas.convertToBlob({ type, quality: 0.95 });
}

/** RGB of which no two neighbours are equal. */
function pattern(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256);
}

function paintPattern(width: number, height: number): Paint {
  return (context) => {
    const pixels = context.createImageData(width, height);
    const rgb = pattern(width, height);
    for (let i = 0; i < width * height; i++) {
      pixels.data.set([...rgb.subarray(i * 3, i * 3 + 3), 255], i * 4);
    }
    context.putImageData(pixels, 0, 0);
  };
}

const patternFile = (type: string): Promise<Blob> => painted(61, 47, type, paintPattern(61, 47));

async function refusal(file: Blob, name: string): Promise<NamedError> {
  return asNamedError(
    await decodeImageFile(file, name).then(
      ({ width, height }) => new Error(`Decoded to ${width} × ${height}.`),
      (error: unknown) => error,
    ),
  );
}

describe('decodeImageFile', () => {
  it('gives the exact pixels of an opaque PNG', async () => {
    const file = await patternFile('image/png');
    for (const decode of [decodeImageFile, decodeExact]) {
      const image = await decode(file, 'pattern.png');
      expect([image.width, image.height]).toEqual([61, 47]);
      expect(image.data).toEqual(pattern(61, 47));
    }
  });

  it.each(['image/png', 'image/jpeg', 'image/webp'])('reads %s', async (type) => {
    const file = await painted(40, 24, type, (context) => {
      context.fillStyle = 'rgb(200 30 90)';
      context.fillRect(0, 0, 40, 24);
    });
    expect(file.type).toBe(type);
    const image = await decodeImageFile(file, 'red');
    expect([image.width, image.height, image.data.length]).toEqual([40, 24, 40 * 24 * 3]);
    const distances = Array.from(image.data, (value, i) =>
      Math.abs(value - ([200, 30, 90][i % 3] ?? 0)),
    );
    expect(Math.max(...distances)).toBeLessThanOrEqual(type === 'image/png' ? 0 : 3);
  });

  it('reads a JPEG with a megabyte of notes before its frame', async () => {
    const bytes = new Uint8Array(await (await patternFile('image/jpeg')).arrayBuffer());
    const note = new Uint8Array(65_000);
    note.set([0xff, 0xe2, (note.length - 2) >> 8, (note.length - 2) & 0xff]);
    const notes = new Array<Uint8Array<ArrayBuffer>>(16).fill(note);
    const image = await decodeImageFile(
      new Blob([bytes.slice(0, 2), ...notes, bytes.slice(2)]),
      'noted.jpg',
    );
    expect([image.width, image.height]).toEqual([61, 47]);
  });

  it('does not look at the name or the type', async () => {
    const file = new Blob([await patternFile('image/png')], { type: 'text/plain' });
    expect((await decodeImageFile(file, 'notes.txt')).data).toEqual(pattern(61, 47));
  });

  it.each(['image/png', 'image/webp'])('lays transparency on white: %s', async (type) => {
    const file = await painted(20, 10, type, (context) => {
      context.fillStyle = 'rgb(0 0 255 / 50%)';
      context.fillRect(0, 0, 10, 10);
    });
    const { data } = await decodeImageFile(file, 'half.png');
    const [red = 0, green = 0, blue = 0] = data;
    expect(Math.abs(red - 127)).toBeLessThanOrEqual(2);
    expect(green).toBe(red);
    expect(blue).toBeGreaterThanOrEqual(253);
    expect([...data.subarray(10 * 3, 20 * 3)]).toEqual(new Array(30).fill(255));
  });
});

describe('decodeImageFile refuses', () => {
  it('0 bytes', async () => {
    const error = await refusal(new Blob([]), 'empty.png');
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/^empty\.png is empty \(0 bytes\)/);
  });

  it('text named .png', async () => {
    const error = await refusal(new Blob(['hello, '.repeat(50)]), 'hello.png');
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/^hello\.png is not an image that can be read\. Choose a PNG/);
  });

  it.each(['image/png', 'image/jpeg', 'image/webp'])('a truncated %s', async (type) => {
    const file = await patternFile(type);
    for (const share of [0.3, 0.6, 0.9]) {
      const error = await refusal(file.slice(0, file.size * share), 'cut');
      expect([share, error.message]).toEqual([share, expect.stringMatching(/^cut is damaged or/)]);
      expect(error.name).toBe('ImageUnreadable');
    }
    // the last row of pixels is still there, its end is not
    expect((await refusal(file.slice(0, file.size - 40), 'cut')).name).toBe('ImageUnreadable');
  });

  it.each(['image/png', 'image/jpeg'])('a %s of which only the header is right', async (type) => {
    const bytes = new Uint8Array(await (await patternFile(type)).arrayBuffer());
    const header = type === 'image/png' ? 33 : bytes.indexOf(0xda);
    bytes.fill(0, header, bytes.length - 20);
    expect((await refusal(new Blob([bytes]), 'rubbish')).name).toBe('ImageUnreadable');
  });

  it.each([
    [20_000, 10, '20000 × 10'],
    [10, 8193, '10 × 8193'],
    [8192, 8192, '8192 × 8192'],
    [4_000_000_000, 4_000_000_000, '4000000000 × 4000000000'],
  ])('a PNG of %i × %i px, before it is decoded', async (width, height, size) => {
    const bytes = new Uint8Array(await (await patternFile('image/png')).arrayBuffer());
    new DataView(bytes.buffer).setUint32(16, width);
    new DataView(bytes.buffer).setUint32(20, height);
    // with the rest in ruins, decoding it would say "damaged"
    bytes.fill(0, 40);
    const error = await refusal(new Blob([bytes]), 'wide.png');
    expect(error.name).toBe('ImageTooLarge');
    expect(error.message).toMatch(new RegExp(`^wide\\.png is ${size} px; up to 8192 px a side`));
  });

  it('a PNG of 0 px', async () => {
    const bytes = new Uint8Array(await (await patternFile('image/png')).arrayBuffer());
    new DataView(bytes.buffer).setUint32(16, 0);
    const error = await refusal(new Blob([bytes]), 'none.png');
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/no pixels/);
  });

  it('a file above 64 MiB, unread', async () => {
    class Large extends Blob {
      override get size(): number {
        return 64 * 2 ** 20 + 1;
      }
      override arrayBuffer(): Promise<ArrayBuffer> {
        throw new Error('Nobody should read this file.');
      }
      override slice(): Blob {
        throw new Error('Nobody should read this file.');
      }
    }
    const error = await refusal(new Large(), 'large.png');
    expect(error.name).toBe('ImageTooLarge');
    expect(error.message).toMatch(/^large\.png is larger than 64 MiB/);
  });

  it('a file that went away', async () => {
    class Gone extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new DOMException('Gone.', 'NotReadableError'));
      }
      override slice(): Blob {
        return this;
      }
    }
    const error = await refusal(new Gone(['x']), 'gone.png');
    expect(error.name).toBe('ImageUnreadable');
    expect(error.message).toMatch(/^gone\.png could not be read/);
  });
});
