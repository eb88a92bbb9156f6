/** Types of realVscode.mjs for the tests. */
export interface CodeServerOptions {
  folder: string;
  settings?: Record<string, unknown>;
  port?: number;
  extension?: string | false;
  testDriver?: boolean;
  workspaceTrust?: boolean;
  locale?: string;
  env?: Record<string, string>;
  onOutput?: (text: string) => void;
  deadlineMs?: number;
}
export interface CodeServer {
  readonly port: number;
  readonly address: string;
  stop(): Promise<void>;
}
export const home: string;
export function calmSettings(extra?: Record<string, unknown>): Record<string, unknown>;
export function freePort(preferred?: number): Promise<number>;
export function linkExtension(extensionsDir: string, project?: string): string;
export function startCodeServer(options: CodeServerOptions): Promise<CodeServer>;
