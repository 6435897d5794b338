// What axe finds wrong on a page for people who cannot see, hear or point.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const rules = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
// Light and dark differ in nothing but colours.
export const colours = { type: 'rule', values: ['color-contrast'] };

// violations are axe's, of the page as it is.
export async function violations(page, runOnly = rules) {
  await page.evaluate(axe);
  const found = await page.evaluate((options) => window.axe.run(document, options), { runOnly, resultTypes: ['violations'] });
  return found.violations;
}

// sentences say each of them in a line.
export function sentences(list) {
  return list.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} – ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 240)}`));
}
