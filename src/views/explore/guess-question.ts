/** What a guess is about, in a sentence. Pure. */

const LIST = new Intl.ListFormat('en');

/** What stands behind "Guess first:". @param checkpoints names of those that will answer */
export function guessQuestion(checkpoints: readonly string[]): string {
  const asked = `which answer will ${LIST.format(checkpoints)} give most often?`;
  return checkpoints.length > 1 ? `${asked} The guess is set beside each of them.` : asked;
}
