/** Tables as CSV (RFC 4180): commas, CRLF, quotes where they are needed. Numbers keep every digit. */

/** `null` is an empty cell; a text that is empty is quoted. */
export type CsvCell = string | number | boolean | null;

/** One line with its end. */
export function csvRow(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * Spreadsheets take text that begins like a formula for one, and may run it: such text gets an
 * apostrophe in front, which they show as text (OWASP, "CSV Injection"). Numbers are left as they are.
 */
function csvCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = /^\s*[=+\-@]|^[\t\r\n]/u.test(cell) ? `'${cell}` : cell;
  return text === '' || /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
