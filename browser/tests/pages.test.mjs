// Every page in every state that can be reached: nothing hangs out sideways, no
// text is cut off, what is pressed is large enough, nothing jumps, axe finds
// nothing. Each page is loaded on the phone and on the desk, and is looked at
// there; the whole run loads it at every width, light and dark, in both
// languages, and keeps pictures of all.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { colours, rules, sentences, violations } from '../harness/axe.mjs';
import { show, tour } from '../harness/pages.mjs';
import { story, turkish } from '../harness/story.mjs';
import { allPictures, pictures } from '../harness/world.mjs';

const some = process.env.PEYK_WIDTHS?.split(',').map(Number); // for a quick look
const phone = 390;
const desk = 1280;
const every = [360, phone, 768, 1024, desk, 1920, 2560];
// Those whose layout differs most are measured at every width each time.
const wide = ['form', 'reports', 'report-ready', 'decision', 'operations-trouble', 'profile'];
const loadedAt = (entry, locale) => some ?? (allPictures && locale === 'tr' && !entry.once ? every : [phone, desk]);
const measuredAt = (entry, locale) => (some || allPictures || locale !== 'tr' || !wide.includes(entry.name) ? [] : every.filter((w) => w !== phone && w !== desk));
const high = (width) => (width < 720 ? 844 : 960);
const highest = 0.02; // cumulative layout shift

// faults runs in the page.
function faults(onPhone) {
  const out = [];
  const name = (e) => `<${e.tagName.toLowerCase()} class="${e.getAttribute('class') ?? ''}"> ${(e.getAttribute('aria-label') ?? e.textContent).trim().replace(/\s+/g, ' ').slice(0, 50)}`;
  if (document.documentElement.scrollWidth > innerWidth) out.push(`${document.documentElement.scrollWidth - innerWidth} px hang out sideways`);
  const hidden = (e) => !e.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true }) || e.closest('.visually-hidden, .skip, [aria-hidden=true]') || getComputedStyle(e).clipPath !== 'none';
  const scrolls = (e) => { for (; e; e = e.parentElement) if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return true; return false; };
  const says = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  for (const e of document.querySelectorAll('body *')) {
    if (!says(e) || hidden(e) || hidden(e.parentElement)) continue;
    const c = getComputedStyle(e);
    // Of its own words: what it holds besides is looked at by itself.
    const r = { right: 0, bottom: 0 };
    for (const n of e.childNodes) {
      if (n.nodeType !== 3 || !n.data.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(n);
      const box = range.getBoundingClientRect();
      r.right = Math.max(r.right, box.right);
      r.bottom = Math.max(r.bottom, box.bottom);
    }
    if (!scrolls(e) && c.textOverflow !== 'ellipsis' && r.right > innerWidth + 1) out.push(`text beyond the edge: ${name(e)}`);
    for (let box = e; box && box !== document.body; box = box.parentElement) {
      const b = getComputedStyle(box);
      if (b.overflowX !== 'hidden' && b.overflowY !== 'hidden' && b.overflowX !== 'clip') continue;
      if (b.textOverflow === 'ellipsis') break; // cut on purpose, and says so
      const at = box.getBoundingClientRect();
      if (r.right > at.right + 1 || r.bottom > at.bottom + 2) out.push(`text cut off: ${name(e)}`);
      break;
    }
    if (c.display !== 'inline' && /BUTTON|A/.test(e.tagName) && e.scrollWidth > e.clientWidth + 1 && c.textOverflow !== 'ellipsis') out.push(`text wider than its button: ${name(e)}`);
  }
  // Targets (WCAG 2.2, 2.5.8): links within a sentence may be as high as its line.
  const least = onPhone ? 44 : 24;
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (hidden(e) || e.matches('input[type=radio], input[type=checkbox]') && e.closest('label')) continue;
    const after = getComputedStyle(e, '::after');
    const over = after.content !== 'none' && after.position === 'absolute';
    let box = e.getBoundingClientRect();
    if (over) box = e.offsetParent.getBoundingClientRect();
    const inText = e.tagName === 'A' && getComputedStyle(e).display === 'inline' && e.closest('p, dd, small, td, pre, li');
    const field = e.closest('.tokens');
    if (field && e.tagName === 'INPUT') box = field.getBoundingClientRect();
    if (inText && !over) continue;
    if (box.height < least - 0.5 || box.width < 24 - 0.5) out.push(`${Math.round(box.width)} × ${Math.round(box.height)} px to press, at least ${least}: ${name(e)}`);
  }
  for (const e of document.querySelectorAll('label.check, label.chip')) {
    if (!hidden(e) && e.getBoundingClientRect().height < least - 0.5) out.push(`${Math.round(e.getBoundingClientRect().height)} px to press, at least ${least}: ${name(e)}`);
  }
  return out;
}

story('every page fits at every width, and axe finds nothing', { ...turkish, alone: true }, async (s, t) => {
  // axe sends a message to every frame, and the sandbox of an email has no origin.
  s.tolerate(/^Failed to execute 'postMessage' on 'DOMWindow': .* does not match the recipient window's origin \('null'\)/);
  const found = new Map();
  let taken = 0;
  let looks = 0;
  let worst = 0;
  const fault = (what, where) => {
    s.step(`${where}: ${what}`);
    found.set(what, [...(found.get(what) ?? []), where]);
  };
  const measure = async (entry, c, page, width) => {
    for (const f of await page.evaluate(faults, width < 720 && !entry.mailbox)) fault(f, `${entry.name} ${c.locale} ${width}`);
  };
  // Turkish is looked at light, English dark, with all rules; the whole run looks at both in both.
  const axe = async (entry, c, page) => {
    for (const scheme of ['light', 'dark']) {
      const usual = scheme === (c.locale === 'tr' ? 'light' : 'dark');
      if (!usual && !allPictures) continue;
      await page.emulateMedia({ colorScheme: scheme });
      looks++;
      for (const f of sentences(await violations(page, usual ? rules : colours))) fault(f, `${entry.name} ${c.locale} ${scheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  };
  const picture = async (entry, c, page, width) => {
    const dir = path.join(pictures, c.locale, entry.name);
    fs.mkdirSync(dir, { recursive: true });
    for (const scheme of c.locale === 'tr' && allPictures ? ['light', 'dark'] : ['light']) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: path.join(dir, `${width}-${scheme}.png`), fullPage: true, animations: 'disabled' });
      taken++;
    }
    await page.emulateMedia({ colorScheme: 'light' });
  };
  const only = process.env.PEYK_PAGES?.split(',');
  await tour(s, ['tr', 'en'], async (entry, c, page) => {
    if (only && !only.includes(entry.name)) return;
    for (const width of loadedAt(entry, c.locale)) {
      await page.setViewportSize({ width, height: high(width) });
      await show(s.world, c, entry, page);
      await measure(entry, c, page, width);
      const [shift, by] = await page.evaluate(() => [window.peykShift, window.peykShifts]);
      worst = Math.max(worst, shift);
      if (shift >= highest) fault(`shifts by ${shift.toFixed(3)}: ${JSON.stringify(by).slice(0, 300)}`, `${entry.name} ${c.locale} ${width}`);
      if (some || allPictures || c.locale === 'tr' && width === desk) await picture(entry, c, page, width);
      if (width === desk) await axe(entry, c, page);
    }
    for (const width of measuredAt(entry, c.locale)) {
      await page.setViewportSize({ width, height: high(width) });
      await measure(entry, c, page, width);
    }
  });
  t.diagnostic(`${taken} pictures in ${pictures}; ${looks} looks by axe; largest layout shift ${worst.toFixed(4)}`);
  assert.deepEqual([...found].map(([what, where]) => `${what} [${where.join(', ')}]`), []);
});

story('axe finds what is planted', turkish, async (s) => {
  const page = await (await s.open()).newPage();
  await page.goto('/signin?lang=tr');
  await page.evaluate(() => {
    document.querySelector('h1').style.color = 'color-mix(in srgb, CanvasText 20%, Canvas)';
    document.querySelector('main').append(document.createElement('button'));
  });
  const ids = (await violations(page)).map((v) => v.id);
  assert.deepEqual(ids.sort(), ['button-name', 'color-contrast'], 'what was planted');
});

story('a jump that is planted is measured', turkish, async (s) => {
  const page = await (await s.open()).newPage();
  await page.goto('/signin?lang=tr');
  await page.evaluate(() => {
    const above = document.createElement('div');
    above.style.height = '300px';
    document.querySelector('main').prepend(above);
  });
  await page.waitForFunction((least) => window.peykShift > least, highest);
});

story('nothing jumps when news arrives', turkish, async (s, t) => {
  const { asker, approver } = await s.world.people('tr');
  let worst = 0;
  for (const width of [390, 1280]) {
    const waiting = await s.world.request(asker, 'top-spenders.v1');
    const page = await s.signIn(asker, { width, height: 844 });
    const one = await page.context().newPage();
    await page.goto('/reports');
    await one.goto('/r/' + waiting);
    for (const p of [page, one]) await s.live(p);
    await s.world.call(approver, 'POST', `/requests/${waiting}/approve`, {});
    await page.locator(`[data-popup="${waiting}"]`).waitFor();
    await page.locator(`#main li[data-guid="${waiting}"]`).getByText(s.say('state.ready')).first().waitFor();
    const shift = await page.evaluate(() => window.peykShift);
    worst = Math.max(worst, shift);
    assert.ok(shift < highest, `the list at ${width} px shifts by ${shift}: ${JSON.stringify(await page.evaluate(() => window.peykShifts))}`);
    await one.bringToFront();
    await one.getByRole('status').getByText(s.say('state.ready')).waitFor();
    await page.context().close();
  }
  t.diagnostic(`largest layout shift ${worst.toFixed(4)}`);
});

story('the first page is under 100 KB', turkish, async (s, t) => {
  const { asker } = await s.world.people('tr');
  const ready = await s.world.request(asker, 'top-games.v1', {}, { formats: ['pdf', 'xlsx', 'csv'] });
  await s.world.reaches(ready, 'DELIVERED');
  const cookies = await (await s.signIn(asker)).context().cookies();
  for (const first of ['/signin', '/new', '/reports', '/new/top-spenders.v1', '/r/' + ready]) {
    const page = await (await s.open()).newPage(); // with an empty cache
    if (first !== '/signin') await page.context().addCookies(cookies);
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    let bytes = 0;
    network.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; });
    await page.goto(first, { waitUntil: 'load' });
    await page.evaluate(() => document.fonts.ready);
    t.diagnostic(`${first}: ${(bytes / 1000).toFixed(1)} KB over the wire`);
    assert.ok(bytes > 10_000 && bytes < 100_000, `${first} brings ${bytes} bytes, at most 100000`);
    await page.context().close();
  }
});
