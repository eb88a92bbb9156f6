/** Types of extensionPackage.mjs for the tests. */
export const targets: Readonly<Record<string, RegExp>>;
export function ownTarget(): string | undefined;
export function ensureVsce(): Promise<void>;
export function packExtension(
  target: string,
  folder?: string,
): Promise<{ file: string; bytes: number }>;
/** A CycloneDX document, as far as the tests look. */
export function partsList(): Promise<{
  bomFormat: string;
  components: { name: string; version: string; licenses?: unknown[] }[];
}>;
