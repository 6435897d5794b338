// The words of the pages, from the pages' own files: a test names a button as
// a person does, and a better word breaks no test.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './world.mjs';

const read = (locale) => JSON.parse(fs.readFileSync(path.join(root, 'internal/backoffice/web/words', locale + '.json'), 'utf8'));
const books = { tr: read('tr'), en: read('en') };

// say is a text that has no holes.
export function say(locale, id) {
  const text = books[locale][id];
  if (typeof text !== 'string') throw new Error(`words/${locale}.json has no plain text ${id}`);
  if (text.includes('{{')) throw new Error(`${id} in words/${locale}.json has holes: use like()`);
  return text;
}

// like matches a text, whatever stands in its holes.
export function like(locale, id) {
  const text = books[locale][id];
  const forms = typeof text === 'string' ? [text] : Object.values(text ?? {});
  if (forms.length === 0) throw new Error(`words/${locale}.json has no text ${id}`);
  return new RegExp(forms.map((f) => f.split(/\{\{.*?\}\}/).map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')).join('|'));
}
