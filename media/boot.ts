/**
 * The words of the window's language, as the host wrote them into the document (webviewFrame.ts).
 * A webview imports this before anything else, so that constants are made with them.
 */
import { useWords, type Words } from '../src/core/words';

const written = document.getElementById('parley-words')?.textContent;
if (written) useWords(JSON.parse(written) as Words);
