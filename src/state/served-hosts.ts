/** Where images go. Pure. */

import { serverAddress } from '../protocol/server.ts';

/** Hosts of any of them, each once. */
export const hostsOf = (
  slots: readonly { readonly hosts: readonly string[] }[],
): readonly string[] => [...new Set(slots.flatMap(({ hosts }) => hosts))];

/** Host and port of addresses. */
export const hostNames = (servers: readonly string[]): readonly string[] =>
  servers.flatMap((server) => serverAddress(server)?.host ?? []);
