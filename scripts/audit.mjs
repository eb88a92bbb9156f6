/**
 * `npm run audit`: is anything known against the packages that ship, that build and that test? Three
 * ends: 0 clean, 1 found, 3 pending, where the registry did not answer. Pending is not clean.
 * Below: lib/audit.mjs. Above: a maintainer, once a month; release.mjs asks the same.
 */
import { auditAll, auditProblem, sentenceOf } from './lib/audit.mjs';
import { endOnSignals, finish } from './lib/processes.mjs';
import { say } from './lib/say.mjs';

async function main() {
  const answers = await auditAll();
  for (const { name, answer } of answers) say(sentenceOf(name, answer));
  if (!auditProblem(answers)) return 0;
  return answers.some(({ decides, answer }) => decides && answer.state === 'found') ? 1 : 3;
}

endOnSignals();
void finish(
  main().catch((error) => {
    say(error.message);
    return 1;
  }),
);
