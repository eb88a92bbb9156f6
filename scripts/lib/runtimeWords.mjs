/**
 * The words that the code says: every call of `t` (src/core/words.ts) in src and media, read from
 * TypeScript's syntax tree, and every text for a person that does not go through it.
 * Below: TypeScript. Above: scripts/words.mjs, runtimeWords.test.mjs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { findFiles } from './files.mjs';
import { root } from './paths.mjs';

/** What VS Code shows of an object given to it. */
const shownProperties = new Set([
  ...['title', 'placeHolder', 'placeholder', 'prompt', 'label', 'detail', 'description'],
  ...['tooltip', 'openLabel', 'saveLabel', 'validationMessage', 'aria-label'],
]);
/** Functions of VS Code's whose texts are shown. */
const shows = /^vscode\.window\.(show\w+Message|setStatusBarMessage)$/;

/** Of VS Code's and of the command line's: what is said with these is for a person. */
const says =
  /(^|\.)(tell|say|line|step|note|description|argument|option|addHelpText)$|^(UsageError|InvalidArgumentError)$/;
/** What is written to be read by a machine or a maintainer, by the call it stands in. */
const forOthers =
  /(^|\.)((log|logger|recent|journal)\??\.(debug|info|warn|error)|(starts|ends)With|includes|(last)?[iI]ndexOf|match|replace(All)?|split|join|test|parse|getElementById|querySelector(All)?|createElement|setHeader|from|exec|eval)$|^(BoardError|RegExp|URL|super)$/;
/** Names of operations: operationWords.ts has them in the language in use. */
const operations = /\.(withRawRepl|withBootloader|exclusive)$/;

/** @returns {string[]} the files that may say something, from the project's folder */
export function sayingFiles() {
  const wanted = (file) => file.endsWith('.ts') && !/(\.test|\.d)\.ts$/.test(file);
  return ['src', 'media'].flatMap((folder) => findFiles(path.join(root, folder), wanted)).sort();
}

/**
 * What `text`, the source of `file`, says.
 * @returns {{ keys: { key: string, at: string, values?: string[] }[], unread: string[], bare: string[],
 *   sentences: string[] }}
 *   `values` are the names given at the call, undefined where they come from elsewhere; `unread` are
 *   calls of `t` whose message is not written out; `bare` are texts for a person outside `t` by where
 *   they stand; `sentences` are all that read like words of a person, wherever they stand
 */
export function wordsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = { keys: [], unread: [], bare: [], sentences: [] };
  const place = (node) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    return `${path.relative(root, file).split(path.sep).join('/')}:${line + 1}`;
  };
  const saysWithT = /import \{[^}]*\bt\b[^}]*\} from '[^']*\/words'/.test(text);
  const visit = (node) => {
    if (looksLikeWords(node) && !isForOthers(node)) {
      found.sentences.push(`${place(node)} ${node.getText()}`);
    }
    if (saysWithT && ts.isCallExpression(node) && node.expression.getText() === 't') {
      const [message, values] = node.arguments;
      if (message && ts.isStringLiteralLike(message)) {
        found.keys.push({ key: message.text, at: place(node), values: namesIn(values) });
      } else found.unread.push(place(node));
    } else if (ts.isCallExpression(node) && shows.test(node.expression.getText())) {
      const [what] = node.arguments;
      if (what && isEnglish(what)) found.bare.push(`${place(what)} ${what.getText()}`);
    } else if (ts.isPropertyAssignment(node)) {
      const name = ts.isStringLiteral(node.name) ? node.name.text : node.name.getText();
      const { initializer } = node;
      if (shownProperties.has(name) && isEnglish(initializer)) {
        found.bare.push(`${place(node)} ${initializer.getText()}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Of every file that may say something. */
export function allWords() {
  const all = { keys: [], unread: [], bare: [], sentences: [] };
  for (const file of sayingFiles()) {
    const one = wordsOf(file, readFileSync(file, 'utf8'));
    for (const part of Object.keys(all)) all[part].push(...one[part]);
  }
  return all;
}

/** The placeholders of a message, each once, sorted. */
export function placeholders(message) {
  return [...new Set([...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort();
}

function namesIn(values) {
  if (!values) return [];
  if (!ts.isObjectLiteralExpression(values)) return undefined;
  return [...new Set(values.properties.map((property) => property.name.getText()))].sort();
}

/** A literal of two words or more, with letters that are small. */
function looksLikeWords(node) {
  const text = textOf(node);
  return text !== undefined && /[A-Za-z]{2,}[,;:]? [A-Za-z({]/.test(text) && /[a-z]{2}/.test(text);
}

/** The text of a literal, its values as `{}`. */
function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head, ...node.templateSpans.map(({ literal }) => literal)]
    .map(({ text }) => text)
    .join('{}');
}

/** Whether a literal is said by `t` already, or stands where no person reads it. */
function isForOthers(node) {
  if (ts.isCaseClause(node.parent) || ts.isImportDeclaration(node.parent)) return true;
  if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return true;
  if (ts.isLiteralTypeNode(node.parent)) return true;
  for (let inner = node, { parent } = node; parent; inner = parent, { parent } = parent) {
    if (ts.isBinaryExpression(parent) && /^[!=]==?$/.test(parent.operatorToken.getText()))
      return true;
    if (ts.isPropertyAssignment(parent) && /^(class|className|style)$/.test(parent.name.getText()))
      return true;
    if (ts.isCallExpression(parent) || ts.isNewExpression(parent)) {
      const called = parent.expression.getText();
      const first = parent.arguments?.[0] === inner;
      if (parent.expression === inner) continue; // what a method is called on, such as `[…].join`
      if (called === 't' && first) return true;
      // The message of an error with a code is for the log; its details stand in a sentence.
      const details = called === 'BoardError' && ts.isObjectLiteralExpression(inner);
      if ((forOthers.test(called) && !details) || (first && operations.test(called))) return true;
      if (says.test(called) || called === 't') return false;
    }
    if (ts.isFunctionLike(parent) || ts.isStatement(parent)) return false;
  }
  return false;
}

/** A literal with a sentence or a word for a person in it; icons, addresses and names are none. */
function isEnglish(node) {
  if (ts.isConditionalExpression(node))
    return isEnglish(node.whenTrue) || isEnglish(node.whenFalse);
  if (ts.isParenthesizedExpression(node)) return isEnglish(node.expression);
  if (ts.isBinaryExpression(node)) return isEnglish(node.left) || isEnglish(node.right);
  let text;
  if (ts.isStringLiteralLike(node)) text = node.text;
  else if (ts.isTemplateExpression(node)) {
    text = [node.head, ...node.templateSpans.map((span) => span.literal)]
      .map((part) => part.text)
      .join(' ');
  } else return false;
  return /(^|[\s(“"])[A-Za-z][a-z]+(?=$|[\s.,:;!?…)”"])/.test(text.replace(/\$\([\w~-]+\)/g, ''));
}
