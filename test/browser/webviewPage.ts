/**
 * A view's document alone in a browser, under the same content security policy as in VS Code;
 * nothing it asks for leaves the page. Below: dist/webview. Above: conversationWebview,
 * virtualWebview and the bench of the view, which play its host.
 */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from './harness';

/** What is needed of Playwright's Route: its types may not be installed. */
interface Route {
  request(): { url(): string };
  fulfill(answer: { status?: number; contentType?: string; body?: string }): Promise<void>;
}

export const VIEW_URL = 'http://view.test/';

export type ViewName = 'conversation' | 'virtual';

/** Some of VS Code's colours, without which nothing that is focused would show it. */
const colours = `:root { --vscode-focusBorder: #0078d4; --vscode-foreground: #cccccc;
  --vscode-editor-background: #1f1f1f; --vscode-button-background: #0078d4;
  --vscode-button-foreground: #ffffff; }`;

const documentOf = (view: ViewName): string => `<!DOCTYPE html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src http://view.test; script-src 'nonce-n'">
<link rel="stylesheet" href="uPlot.min.css"><link rel="stylesheet" href="conversation.css">${
  view === 'virtual'
    ? '<link rel="stylesheet" href="virtual.css"><link rel="stylesheet" href="colours.css">'
    : ''
}</head><body class="vscode-dark">
<script nonce="n">
  window.posted = [];
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => JSON.parse(sessionStorage.getItem('kept') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('kept', JSON.stringify(state)),
  });
</script>
<script nonce="n" src="${view}.js"></script></body></html>`;

/** A page that can load {@link VIEW_URL}. What it says on its console or throws goes into `noise`. */
export async function newViewPage(
  browser: Browser,
  noise: string[],
  size = { width: 320, height: 700 },
  view: ViewName = 'conversation',
): Promise<Page> {
  const page = (await browser.newPage({ viewport: size })) as Page;
  page.on('console', (message: { text(): string }) => noise.push(message.text()));
  page.on('pageerror', (error: Error) => noise.push(error.message));
  await page.route('**/*', async (route: Route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: documentOf(view) });
    if (name === 'colours.css') return route.fulfill({ contentType: 'text/css', body: colours });
    if (!/^((conversation|virtual)\.(js|css)|uPlot\.min\.css)$/.test(name))
      return route.fulfill({ status: 404 });
    const contentType = name.endsWith('css') ? 'text/css' : 'text/javascript';
    const body = await readFile(`dist/webview/${name}`, 'utf8');
    return route.fulfill({ contentType, body });
  });
  return page;
}
