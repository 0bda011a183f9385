/** Places in the text of a JSON file, and what its parser says of them in plain words. Pure. */
import type { Node } from 'jsonc-parser';

export type JsonPath = readonly (string | number)[];

/** By the parser's number (`ParseErrorCode`). */
const JSON_FAULTS: Readonly<Record<number, string>> = {
  1: 'this is no value: text needs double quotes around it',
  2: 'this is no number as JSON writes it',
  3: 'a name in double quotes is expected here; the comma before may be one too many',
  4: 'a value is expected here; the comma before may be one too many',
  5: 'a colon is missing before this',
  6: 'a comma is missing before this',
  7: 'a closing brace } is missing before this',
  8: 'a closing bracket ] is missing before this',
  9: 'something stands behind the end',
  10: 'JSON has no comments',
  11: 'JSON has no comments',
  12: 'the text that begins here has no closing double quote on its line',
  13: 'the number breaks off',
  14: 'this \\u needs four digits behind it',
  15: 'there is no such sign after a backslash; write \\\\ for a backslash',
  16: 'this text has a line break or a tab in it; write \\n or \\t, or a blank',
};

/** The parser's number for a text without an end. */
const OPEN_TEXT = 12;

/** What is wrong where the parser stopped. Word processors and chats make straight quotes curly by themselves. */
export function jsonFault(text: string, error: number, offset: number): string {
  const [rest = ''] = text.slice(offset).split(/[\r\n]/, 1);
  const [curly] = /[“”„«»‘’‚‹›]/.exec(error === OPEN_TEXT ? rest : rest.slice(0, 1)) ?? [];
  if (curly === undefined) return JSON_FAULTS[error] ?? 'this is no JSON';
  return error === OPEN_TEXT
    ? `the text that begins here has a curly quote ${curly} in it: does it end there? It needs a straight one, "`
    : `this is a curly quote, ${curly}: JSON needs straight ones, "`;
}

/** Both from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The first name that stands twice in one object, where it stands the second time. */
export function repeatedName(
  node: Node,
): { readonly name: string; readonly offset: number } | null {
  const { type, children = [] } = node;
  const names = new Set<string>();
  for (const child of children) {
    const [key] = type === 'object' ? (child.children ?? []) : [];
    const name = typeof key?.value === 'string' ? key.value : null;
    if (key && name !== null && names.has(name)) return { name, offset: key.offset };
    if (name !== null) names.add(name);
    const below = repeatedName(child);
    if (below) return below;
  }
  return null;
}
