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

/** The page's address with another state behind the `#`, for others: not in the view for a projector. */
export function linkTo(pageUrl: string, hash: string): string {
  const url = new URL(pageUrl);
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !/^present(=|$)/.test(part));
  const search = kept.length === 0 ? '' : `?${kept.join('&')}`;
  return `${url.origin}${url.pathname}${search}${hash}`;
}
