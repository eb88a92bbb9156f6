/**
 * Cells of a CSV file that other programs read. Pure.
 * Below: nothing. Above: the exports of the conversation and of the plot.
 */

/**
 * RFC 4180, and an apostrophe before what a spreadsheet would run as a formula (OWASP, "CSV
 * Injection"); numbers stay numbers.
 */
export function csvCell(text: string): string {
  const formula = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text);
  const safe = formula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}
