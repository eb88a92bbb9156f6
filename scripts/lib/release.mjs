/**
 * What a release changes, as text in, text out. Below: nothing. Above: scripts/release.mjs.
 */

/** The heading of what is not released yet: `## 0.1.0 (unreleased)`. */
const OPEN = /^## (\S+) \(unreleased\)$/m;

/** Why there can be no release, or undefined. */
export function problemOf({ version, before, changelog, dirty, tags }) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return `${version} is no version: write it as 1.2.3.`;
  if (dirty) return 'There are changes that are not committed: commit or drop them first.';
  if (tags.includes(`v${version}`)) return `v${version} is tagged already.`;
  if (compare(version, before) < 0) return `${version} is older than ${before}.`;
  if (!OPEN.test(changelog)) return 'CHANGELOG.md has no section “(unreleased)”.';
  return undefined;
}

/** The changelog with its open section dated. */
export function closeSection(changelog, version, day) {
  return changelog.replace(OPEN, `## ${version} (${day})`);
}

/** package.json or package-lock.json with another version of ours, and nothing else changed. */
export function withVersion(text, version) {
  const json = JSON.parse(text);
  json.version = version;
  if (json.packages?.['']) json.packages[''].version = version;
  return `${JSON.stringify(json, null, 2)}\n`;
}

function compare(a, b) {
  const [x, y] = [a, b].map((v) => v.split('.').map(Number));
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}
