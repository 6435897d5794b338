// axe finds nothing, on any page in any state, in both languages, light and dark.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { show, tour } from '../harness/pages.mjs';
import { story } from '../harness/story.mjs';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

story('axe finds nothing on any page', { locale: 'tr', scheme: 'light' }, async (s, t) => {
  const found = new Set();
  let looks = 0;
  await tour(s, ['tr', 'en'], async (entry, c, page) => {
    await show(s.world, c, entry, page);
    await page.evaluate(axe);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      // Light and dark differ in nothing but colours.
      const runOnly = scheme === 'light' ? { type: 'tag', values: rules } : { type: 'rule', values: ['color-contrast'] };
      const { violations } = await page.evaluate((options) => window.axe.run(document, options), { runOnly, resultTypes: ['violations'] });
      looks++;
      for (const v of violations) {
        for (const n of v.nodes) found.add(`${entry.name} (${c.locale}, ${scheme}) ${v.id}: ${n.target.join(' ')} – ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 240)}`);
      }
    }
  });
  // It would find something: here is what it should.
  const page = await (await s.open()).newPage();
  await page.goto('/signin?lang=tr');
  await page.evaluate(axe);
  const ids = await page.evaluate(async (values) => {
    document.querySelector('h1').style.color = 'color-mix(in srgb, CanvasText 20%, Canvas)';
    document.querySelector('main').append(document.createElement('button'));
    return (await window.axe.run(document, { runOnly: { type: 'tag', values } })).violations.map((v) => v.id);
  }, rules);
  assert.deepEqual(ids.sort(), ['button-name', 'color-contrast'], 'what was planted');
  t.diagnostic(`${looks} looks at pages`);
  assert.deepEqual([...found], []);
});
