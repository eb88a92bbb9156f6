/** What a person got wrong on the command line: one sentence, no stack. Ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
