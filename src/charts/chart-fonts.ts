/**
 * The page's fonts inside a saved picture. A picture has no access to the fonts of the page, and the
 * widths of all charts are those of Inter: on a machine without it words would meet. So the files that
 * the page has loaded anyway (48 and 40 kB) go into the SVG as data, each only where its family is
 * used. Programs that read no embedded fonts take the next one of the list, at last their sans-serif.
 */
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import mono from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url';

const FACES = [
  { family: 'Inter Variable', file: inter, weights: '100 900' },
  { family: 'JetBrains Mono Variable', file: mono, weights: '100 800' },
] as const;

/** @returns `@font-face` rules of the families that the markup names; without those that cannot be read */
export async function fontFacesFor(markup: string): Promise<string> {
  const rules = await Promise.all(
    FACES.filter(({ family }) => markup.includes(family)).map(async ({ family, file, weights }) => {
      const data = await dataUrlOf(file);
      return data === null
        ? ''
        : `@font-face{font-family:'${family}';font-weight:${weights};src:url(${data}) format('woff2')}`;
    }),
  );
  return rules.join('');
}

/** `null` where the file cannot be had, e.g. offline: the picture then is in the next font of its list. */
async function dataUrlOf(file: string): Promise<string | null> {
  try {
    const response = await fetch(file);
    if (!response.ok) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    // In pieces: a call takes only so many arguments.
    let binary = '';
    for (let at = 0; at < bytes.length; at += 8192) {
      binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return `data:font/woff2;base64,${btoa(binary)}`;
  } catch {
    return null;
  }
}
