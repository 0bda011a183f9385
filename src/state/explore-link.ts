/**
 * The state of Explore as the part of the address behind `#/explore?`, and back. Only what differs
 * from the defaults is written, apart from the fields that a reader expects to see.
 */

import type { PromptMode, Question, QuestionKind, SamplerSettings } from '../core/types.ts';
import { QUESTION_KINDS } from '../data/questions.ts';
import type { DevicePreference } from '../protocol/vlm.ts';

export interface ExploreLink {
  readonly dataset: string | null;
  readonly index: number | null;
  /** Made on an image that no address can carry: a file of the sender's own. */
  readonly ownImage: boolean;
  /** Ids of checkpoints, `checkpoint=a,b`; empty when the address names none. */
  readonly checkpoints: readonly string[];
  readonly sampler: Partial<SamplerSettings>;
  readonly mode: PromptMode;
  readonly hint: string;
  readonly kind: QuestionKind;
  /** A question by hand; `null` for the one that the image brings along. */
  readonly question: Question | null;
  readonly device: DevicePreference;
  /** Draw the second seed and the wrong images too. */
  readonly nulls: boolean;
  /** Start at once. */
  readonly run: boolean;
  /** Id of the lesson's step that the address belongs to; `null` for none. */
  readonly lesson: string | null;
}

const NUMBER_KEYS = {
  k: 'k',
  t: 'temperature',
  p: 'topP',
  topk: 'topK',
  minp: 'minP',
  max: 'maxNewTokens',
  seed: 'seed',
} as const satisfies Record<string, keyof SamplerSettings>;

const ALWAYS_WRITTEN = new Set(['k', 't', 'p', 'seed']);
const MODES: readonly PromptMode[] = ['think', 'direct', 'hinted'];
const DEVICES: readonly DevicePreference[] = ['auto', 'webgpu', 'wasm'];

const oneOf = <T extends string>(values: readonly T[], text: string | null, fallback: T): T =>
  values.find((value) => value === text) ?? fallback;

/** Reads what stands behind `#`; unknown and malformed parts are left out. */
export function parseExploreLink(hash: string): ExploreLink {
  const query = new URLSearchParams(hash.slice(hash.indexOf('?') + 1));
  const isExplore = /^#?\/explore\?/.test(hash);
  const get = (key: string): string | null => (isExplore ? query.get(key) : null);
  const number = (key: string): number | null => {
    const text = get(key)?.trim() ?? '';
    const value = Number(text);
    return text === '' || !Number.isFinite(value) ? null : value;
  };
  const sampler = Object.fromEntries(
    Object.entries(NUMBER_KEYS).flatMap(([key, field]) => {
      const value = number(key);
      return value === null ? [] : [[field, value]];
    }),
  );
  return {
    dataset: get('dataset'),
    index: number('index'),
    ownImage: get('image') === 'own',
    checkpoints: listOf(get('checkpoint')),
    sampler,
    mode: oneOf(MODES, get('mode'), 'think'),
    hint: get('hint') ?? '',
    kind: oneOf(QUESTION_KINDS, get('kind'), 'options'),
    question: isExplore ? questionOf(query) : null,
    device: oneOf(DEVICES, get('device'), 'auto'),
    nulls: get('nulls') !== '0',
    run: get('run') === '1',
    lesson: get('lesson'),
  };
}

/** The parts between commas, each once. */
function listOf(text: string | null): readonly string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return [...new Set(parts)].filter((part) => part !== '');
}

function questionOf(query: URLSearchParams): Question | null {
  const text = query.get('q');
  if (text === null) return null;
  const options = query.getAll('o');
  const correctOptions = query
    .getAll('truth')
    .map(Number)
    .filter((index) => Number.isInteger(index) && index >= 0 && index < options.length);
  return { text, options, correctOptions, referenceAnswer: query.get('answer') };
}

/** The address of a state; `run=1` is never written: a shared link waits for the reader. */
export function formatExploreLink(link: ExploreLink, defaults: SamplerSettings): string {
  const query = new URLSearchParams();
  if (link.dataset !== null) query.set('dataset', link.dataset);
  if (link.index !== null) query.set('index', String(link.index));
  if (link.ownImage) query.set('image', 'own');
  if (link.checkpoints.length > 0) query.set('checkpoint', link.checkpoints.join(','));
  for (const [key, field] of Object.entries(NUMBER_KEYS)) {
    const value = link.sampler[field];
    if (value === undefined || Number.isNaN(value)) continue;
    if (ALWAYS_WRITTEN.has(key) || value !== defaults[field]) query.set(key, String(value));
  }
  query.set('mode', link.mode);
  if (link.mode === 'hinted' && link.hint !== '') query.set('hint', link.hint);
  if (link.kind !== 'options') query.set('kind', link.kind);
  if (link.question !== null) appendQuestion(query, link.question);
  if (link.device !== 'auto') query.set('device', link.device);
  if (!link.nulls) query.set('nulls', '0');
  if (link.lesson !== null) query.set('lesson', link.lesson);
  return `#/explore?${queryText(query)}`;
}

/** A comma may stand in a query as it is; encoded, a list of checkpoints cannot be read. */
function queryText(query: URLSearchParams): string {
  return query.toString().replaceAll('%2C', ',');
}

/** A lesson's address with its step in it, and with another image where one is given. */
export function lessonAddress(
  address: string,
  lesson: string,
  item: { readonly dataset: string; readonly index: number } | null,
): string {
  const [path = '', search = ''] = address.split('?');
  const query = new URLSearchParams(search);
  if (item !== null) {
    query.set('dataset', item.dataset);
    query.set('index', String(item.index));
  }
  query.set('lesson', lesson);
  return `${path}?${queryText(query)}`;
}

function appendQuestion(query: URLSearchParams, question: Question): void {
  query.set('q', question.text);
  for (const option of question.options) query.append('o', option);
  for (const index of question.correctOptions) query.append('truth', String(index));
  if (question.referenceAnswer !== null) query.set('answer', question.referenceAnswer);
}
