/** The hash by which images are told apart, in every room. */

/** SHA-256 in hex. Throws in contexts that are not secure, where browsers offer no hash. */
export async function sha256Hex(data: Uint8Array): Promise<string> {
  return hexOf(await crypto.subtle.digest('SHA-256', Uint8Array.from(data)));
}

export const hexOf = (digest: ArrayBuffer): string =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
