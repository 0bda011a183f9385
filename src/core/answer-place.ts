/** Where the letter of an answer stands among tokens: right behind `<answer>`. */

const OPENING_TAG = '<answer>';
/** Characters that can matter: the tag and the blanks behind it. */
const TAIL = 32;

/** Whether `<answer>` has just been opened, blanks aside. */
export const isBehindTag = (text: string): boolean =>
  text.slice(-TAIL).trimEnd().toLowerCase().endsWith(OPENING_TAG);

/**
 * The option whose letter a token adds right behind `<answer>`; `null` for every other token. The token
 * may bring the end of the tag too: Qwen's vocabulary has `>A`.
 *
 * @param before the text in front of the token
 */
export function letterAdded(
  before: string,
  token: string,
  letters: ReadonlySet<string>,
): string | null {
  const tail = before.slice(-TAIL);
  const whole = tail + token;
  const tag = whole.toLowerCase().lastIndexOf(OPENING_TAG);
  if (tag < 0) return null;
  const from = tag + OPENING_TAG.length;
  if (whole.slice(from, tail.length).trim() !== '') return null;
  const letter = whole.slice(from).trim().toUpperCase();
  return letters.has(letter) ? letter : null;
}
