/** Addresses of lessons and links. Pure. */

/** `null` for what is no address of a web page. */
export function lessonUrl(address: string, pageUrl: string): URL | null {
  if (!URL.canParse(address, pageUrl)) return null;
  const url = new URL(address, pageUrl);
  return ['http:', 'https:'].includes(url.protocol) ? url : null;
}

export const isOfOrigin = (url: URL, pageUrl: string): boolean =>
  url.origin === new URL(pageUrl).origin;
