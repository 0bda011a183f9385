/** What a link to Explore cannot bring along, a sentence each. Pure. */
import type { Explore } from '../../state/explore.svelte.ts';

export function missingFromLink({ gallery, lessons, checkpoints }: Explore): readonly string[] {
  const source = gallery.chosen?.source;
  const isLinked = source?.split === 'test' && source.dataset !== null && source.index !== null;
  const isOwn = source !== undefined && !isLinked;
  const { chosenHosts } = checkpoints;
  return [
    isOwn ? 'It does not hold your image: whoever opens it needs the file.' : '',
    lessons.source === 'file'
      ? 'It does not hold the lesson: whoever opens it needs the file, or put it on a server and add ?lesson= with its address.'
      : '',
    chosenHosts.length > 0
      ? `It does not hold the server ${chosenHosts.join(', ')}: whoever opens it has to add it.`
      : '',
  ].filter((part) => part !== '');
}
