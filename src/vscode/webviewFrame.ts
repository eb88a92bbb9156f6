/**
 * The document every webview of Parley stands in: its policy, its styles, its one script. Nothing
 * else loads or runs in it, and nothing leaves it but messages.
 * Below: dist/webview, made of media. Above: conversationView.ts, plotPanel.ts.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { wordsInUse } from '../core/words';
import { language } from './language';

export interface FrameOptions {
  readonly title: string;
  /** Files of dist/webview. */
  readonly script: string;
  readonly styles: readonly string[];
}

/** Fills `webview` with its document: the script in it begins to run. */
export function fillFrame(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  { title, script, styles }: FrameOptions,
): void {
  const folder = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const nonce = randomBytes(18).toString('base64');
  const uri = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
  ].join('; ');
  const links = styles.map(
    (name) => `<link rel="stylesheet" nonce="${nonce}" href="${uri(name)}" />`,
  );
  webview.html = `<!DOCTYPE html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    ${links.join('\n    ')}
    <title>${title}</title>
  </head>
  <body>
    ${words(nonce)}<script nonce="${nonce}" src="${uri(script)}"></script>
  </body>
</html>`;
}

/** The words of the window's language for media/boot.ts; nothing in English. It is data: it does not run. */
function words(nonce: string): string {
  const inUse = wordsInUse();
  if (Object.keys(inUse).length === 0) return '';
  const json = JSON.stringify(inUse).replace(/</g, '\\u003c');
  return `<script id="parley-words" type="application/json" nonce="${nonce}">${json}</script>`;
}
