/** Compare as an address: `#/compare?side=<runId>:<checkpointId>&side=…`, in the order compared. Pure. */

export interface SideAddress {
  readonly runId: string;
  readonly checkpointId: string;
}

/** Sides that are malformed or named twice are left out. */
export function parseCompareLink(hash: string): readonly SideAddress[] {
  const sides = (hash.split('?')[1] ?? '')
    .split('&')
    .flatMap((part) => (part.startsWith('side=') ? sideOf(part.slice('side='.length)) : []));
  return sides.filter((side, at) => sides.findIndex((one) => isSame(one, side)) === at);
}

export function formatCompareLink(sides: readonly SideAddress[]): string {
  const parts = sides.map(
    ({ runId, checkpointId }) =>
      `side=${encodeURIComponent(runId)}:${encodeURIComponent(checkpointId)}`,
  );
  return parts.length === 0 ? '#/compare' : `#/compare?${parts.join('&')}`;
}

const isSame = (a: SideAddress, b: SideAddress): boolean =>
  a.runId === b.runId && a.checkpointId === b.checkpointId;

/** Some programs that pass addresses on write the colon as `%3A`. */
function sideOf(text: string): readonly SideAddress[] {
  try {
    const [run = '', checkpoint = ''] = text.includes(':')
      ? splitAtColon(text).map(decodeURIComponent)
      : splitAtColon(decodeURIComponent(text));
    return run === '' || checkpoint === '' ? [] : [{ runId: run, checkpointId: checkpoint }];
  } catch {
    return [];
  }
}

function splitAtColon(text: string): readonly string[] {
  const at = text.indexOf(':');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
