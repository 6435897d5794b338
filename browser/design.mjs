// The pictures of docs/DESIGN.md, of the pages as they are now:
//
//   make build && node browser/design.mjs
//
// A Peyk of its own is filled with a morning's work: several requests, each in
// another state. The pictures are 1280 px wide and at most 150 KB.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root, types, World } from './harness/world.mjs';

const to = path.join(root, 'docs', 'pictures');
const most = 150_000; // bytes of one picture
const program = [process.env.PEYK_CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((p) => p && fs.existsSync(p));
if (!program) throw new Error('no Chromium: run ./scripts/tools browser, or name one in PEYK_CHROMIUM');

// morning is what the people of the sample company did before we look.
async function morning(world, people) {
  const { derya, murat } = people;
  const ask = (type, parameters, more) => world.request(derya, type, parameters, more);
  const declined = await ask('customer-contacts.v1', {}, { note: 'Yeni yıl kartları için.' });
  await world.call(murat, 'POST', `/requests/${declined}/decline`, { reason: 'Kişisel veri. Özetini isteyin.' });
  const failed = await ask('sheet.v1');
  const cancelled = await ask('top-spenders.v1', { count: 50 });
  await world.call(derya, 'POST', `/requests/${cancelled}/cancel`, { reason: '' });
  const earlier = [
    await ask('usage-above-rating.v1'),
    await ask('rentals-by-publisher.v1', {}, { formats: ['pdf', 'xlsx'] }),
    await ask('top-games.v1', { period: 'last-month', count: 10 }, { formats: ['xlsx'] }),
  ];
  for (const guid of earlier) await world.reaches(guid, 'DELIVERED');
  const approved = await ask('customer-contacts.v1', {}, { note: 'Denetçi istedi.' });
  await world.call(murat, 'POST', `/requests/${approved}/approve`, {});
  await world.reaches(approved, 'DELIVERED');
  const ready = await ask('top-games.v1', { period: 'last-year', count: 10, min_reviews: 500 }, { formats: ['pdf', 'xlsx'], recipients: ['murat'] });
  await world.reaches(ready, 'DELIVERED');
  await world.reaches(failed, 'FAILED');
  const waiting = await ask('top-spenders.v1', {}, { note: 'Çarşamba günkü yönetim kurulu sunumu için. Geçen ayla karşılaştıracağız.' });
  const busy = await ask('slow.v1', { steps: 2_000_000_000 });
  await world.reaches(busy, 'PREPARING');
  for (const who of [derya, murat]) {
    for (const guid of [...earlier, declined, failed, cancelled, approved]) await world.call(who, 'POST', `/requests/${guid}/seen`).catch(() => {});
  }
  return { ready, waiting };
}

// The two the company's own people would have written: one whose file is
// ragged, and one that is on its way for as long as we look.
const own = {
  'turnover.yaml': types['sheet.yaml']
    .replace('{en: Sheet, tr: Çizelge}\ndescription', '{en: Turnover of the shops, tr: Mağaza ciroları}\ngroup: {en: Sales and revenue, tr: Satış ve gelir}\ndescription')
    .replace('sentence:', 'short: {en: "All shops", tr: "Bütün mağazalar"}\n  sentence:'),
  'renewals.yaml': types['slow.yaml']
    .replace('{en: Count, tr: Sayım}\ndescription', '{en: Subscription renewals, tr: Abonelik yenileme oranı}\ngroup: {en: Customers, tr: Müşteriler}\ndescription')
    .replace('typical: 1s', 'typical: 2m')
    .replace('sentence:', 'short: {en: "Last 12 months, by plan", tr: "Son 12 ay, plan bazında"}\n  sentence:'),
};
const world = await World.start({ reports: own });
const browser = await chromium.launch({ executablePath: program, args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] });

// picture has somebody look at a page.
async function picture(name, who, address, { scheme = 'light', height = 900, whole = false } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height }, colorScheme: scheme, baseURL: world.url });
  const page = await context.newPage();
  await page.goto('/signin');
  await page.locator('form[data-signin] input[name=name]').fill(who.name);
  await page.locator('form[data-signin] input[type=password]').fill(who.password);
  await page.locator('form[data-signin] button').click();
  await page.waitForURL((u) => u.pathname !== '/signin');
  await page.goto(address);
  await page.evaluate(() => document.fonts.ready);
  const file = path.join(to, name + '.png');
  // One painted whole is as high as its content, the menu too.
  if (whole) await page.setViewportSize({ width: 1280, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  await page.screenshot({ path: file, animations: 'disabled' });
  await context.close();
  const { size } = fs.statSync(file);
  assert.ok(size < most, `${file} has ${size} bytes, at most ${most}: lower it`);
  console.log(`${path.relative(root, file)}  ${Math.round(size / 1000)} KB`);
}

try {
  fs.mkdirSync(to, { recursive: true });
  const people = Object.fromEntries(['derya', 'murat', 'cagri'].map((name) => [name, world.demo(name)]));
  const { derya, murat, cagri } = people;
  const { ready, waiting } = await morning(world, people);
  await picture('my-reports', derya, '/reports'); // with the popup about what is ready
  for (const who of [derya, murat]) await world.call(who, 'POST', `/requests/${ready}/seen`);
  await picture('new-report', derya, '/new/top-games.v1');
  await picture('approvals', murat, '/r/' + waiting);
  await picture('operations', cagri, '/operations', { whole: true });
  await picture('profile', derya, '/profile', { whole: true });
  // The picture in English is of somebody who reads English.
  const dora = await world.person('dora', 'Dora Miles', 'en', 'requester');
  const hers = await world.request(dora, 'top-games.v1', { period: 'last-year', count: 10, min_reviews: 500 }, { formats: ['pdf', 'xlsx'] });
  await world.reaches(hers, 'DELIVERED');
  await world.call(dora, 'POST', `/requests/${hers}/seen`);
  await picture('one-report', dora, '/r/' + hers, { scheme: 'dark', height: 820 });
} finally {
  await browser.close();
  await world.stop();
}
