import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { useWords, type Words } from '../core/words';
import { projectTemplates } from './newProject';
import { projectWords } from './projectWords';

afterEach(() => useWords({}));

test('each template is listed in the language in use, and its English is that of its README', async () => {
  const vietnamese = JSON.parse(readFileSync('l10n/bundle.l10n.vi.json', 'utf8')) as Words;
  const templates = await projectTemplates('firmware');
  assert.equal(templates.length, 7);
  for (const template of templates) {
    const { title, description } = template;
    useWords({});
    assert.deepEqual(projectWords(template), { title, description });
    useWords(vietnamese);
    const there = projectWords(template);
    assert.notEqual(there.title, title, template.id);
    assert.notEqual(there.description, description, template.id);
  }
});
