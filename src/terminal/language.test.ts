import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf } from './language';

test('the language is what is asked for, else the locale’s, else English', () => {
  assert.equal(languageOf([], {}), 'en');
  assert.equal(languageOf([], { LANG: 'vi_VN.UTF-8' }), 'vi');
  assert.equal(languageOf([], { LANG: 'C.UTF-8' }), 'en');
  assert.equal(languageOf([], { LANG: 'vi_VN.UTF-8', LC_ALL: 'C' }), 'en');
  assert.equal(languageOf([], { LANG: 'vi_VN.UTF-8', LC_MESSAGES: 'de_DE' }), 'en');
  assert.equal(languageOf([], { LANG: 'de_DE.UTF-8', LC_ALL: 'vi' }), 'vi');
  assert.equal(languageOf([], { LANG: 'vi_VN', LC_ALL: '' }), 'vi');
  assert.equal(languageOf([], { LANG: 'vic_US' }), 'en');
  assert.equal(languageOf(['ls', '--lang', 'vi'], {}), 'vi');
  assert.equal(languageOf(['--lang=en', 'ls'], { LANG: 'vi_VN.UTF-8' }), 'en');
});
