/** What several servers do together, where they serve the same. */

import { NamedError } from '../../protocol/errors.ts';
import type { Capability, ServedModel, ServerCapabilities } from '../../protocol/server.ts';

export interface FoundModel {
  readonly host: string;
  readonly model: ServedModel;
}

/**
 * The model with the abilities that all of its servers have.
 *
 * @throws NamedError `CheckpointInvalid` naming the first that serves something else than the first
 *   of all: samples would depend on who answered
 */
export function commonModel(found: readonly FoundModel[]): ServedModel {
  const [first, ...others] = found;
  if (!first) throw new NamedError('CheckpointMissing', 'No server was given.');
  for (const other of others) requireSame(first, other);
  const capabilities = others.reduce(
    (common, { host, model }) => shared(common, model.capabilities, host),
    first.model.capabilities,
  );
  return { ...first.model, capabilities };
}

function requireSame(first: FoundModel, other: FoundModel): void {
  const differs = [
    ['model and revision', first.model.revision, other.model.revision],
    ['program', first.model.capabilities.kind, other.model.capabilities.kind],
    ['log-probabilities', ...kindsOf(first, other)],
  ].find(([, one, another]) => one !== another);
  if (!differs) return;
  const [what, one, another] = differs;
  throw new NamedError(
    'CheckpointInvalid',
    `${other.host} does not serve the same as ${first.host}: its ${String(what)} is “${String(another)}”, not “${String(one)}”. Answers would depend on which of them was asked: start them alike, or leave it out.`,
  );
}

/** Where one did not tell, nothing is known of a difference. */
function kindsOf(first: FoundModel, other: FoundModel): readonly [string, string] {
  const one = first.model.capabilities.logProbKind;
  const another = other.model.capabilities.logProbKind;
  return one === 'unknown' || another === 'unknown' ? ['', ''] : [one, another];
}

function shared(one: ServerCapabilities, other: ServerCapabilities, host: string) {
  const least = (name: 'n' | 'seed' | 'logProbs' | 'topK' | 'minP' | 'streaming' | 'tokenIds') =>
    weaker(one[name], other[name], host);
  return {
    kind: one.kind,
    n: least('n'),
    seed: least('seed'),
    logProbs: least('logProbs'),
    logProbKind: one.logProbKind === 'unknown' ? one.logProbKind : other.logProbKind,
    topLogProbs: Math.min(one.topLogProbs, other.topLogProbs),
    topK: least('topK'),
    minP: least('minP'),
    streaming: least('streaming'),
    tokenIds: least('tokenIds'),
  };
}

const ORDER: readonly Capability['has'][] = ['no', 'unknown', 'yes'];

function weaker(one: Capability, other: Capability, host: string): Capability {
  if (ORDER.indexOf(other.has) >= ORDER.indexOf(one.has)) return one;
  return { ...other, reason: `${host}: ${other.reason}` };
}
