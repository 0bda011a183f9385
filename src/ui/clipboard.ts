/** Text and pictures to the clipboard. A browser may refuse: the caller offers another way. */

/** `false` when the browser does not let the page write there. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param picture may still be drawn: the browser has to be asked while the press lasts
 * @returns `false` when the browser does not let the page write there
 * @throws what `picture` throws
 */
export async function copyPicture(picture: Promise<Blob>): Promise<boolean> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]);
    return true;
  } catch {
    await picture;
    return false;
  }
}
