// The CEO's whole story without a mouse: every step by Tab, Enter, Space and
// arrows, and at each step one can see where one is.
import assert from 'node:assert/strict';
import { english, stories } from '../harness/story.mjs';

// seen fails when what has the focus does not show it.
async function seen(page) {
  const [shown, what] = await page.evaluate(() => {
    const e = document.activeElement;
    const drawn = (x) => {
      const c = x && getComputedStyle(x);
      return c && c.outlineStyle !== 'none' && parseFloat(c.outlineWidth) >= 2;
    };
    // A field in a frame, a row and a choice show it on what surrounds them.
    const around = [e, e.nextElementSibling, e.closest('.tokens, .stepper, .row, label')];
    const r = e.getBoundingClientRect();
    return [around.some(drawn) || e === document.body || e.id === 'main', `${e.tagName} ${e.className} ${e.name ?? ''} ${e.textContent.trim().slice(0, 40)} at ${Math.round(r.x)},${Math.round(r.y)}`];
  });
  assert.ok(shown, `no visible focus on ${what} of ${page.url()}`);
}

// to goes on by Tab until the focus is where it should be.
async function to(page, target, key = 'Tab') {
  for (let i = 0; i < 80; i++) {
    // Asked for anew each time: the page may have renewed the element meanwhile.
    if (await target.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press(key);
    await seen(page);
  }
  throw new Error(`eighty times ${key} do not lead to ${target} of ${page.url()}`);
}

stories('the CEO’s story by keyboard alone', english, async (s) => {
  const { asker } = await s.world.people(s.locale);
  const page = await (await s.open()).newPage();
  await page.goto('/signin?lang=' + s.locale);
  await page.waitForFunction(() => document.activeElement?.matches('input[name=name]'));
  await page.keyboard.type(asker.name);
  await page.keyboard.press('Tab');
  await seen(page);
  await page.keyboard.type(asker.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((u) => u.pathname !== '/signin');

  await page.goto('/reports');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: s.say('nav.skip') });
  assert.ok(await skip.evaluate((e) => e === document.activeElement), 'the first stop is the way to the content');
  assert.ok((await skip.boundingBox()).height >= 24, 'it shows itself when it has the focus');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'main');

  await page.goto('/');
  await to(page, page.getByRole('navigation', { name: s.say('nav.label') }).getByRole('link', { name: s.say('nav.new') }));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/new');
  await to(page, page.locator('#main a[href="/new/top-games.v1"]').first());
  await page.keyboard.press('Enter');
  await page.waitForURL('**/new/top-games.v1');

  await to(page, page.getByRole('radio').and(page.locator(':checked')));
  const chosen = await page.evaluate(() => document.activeElement.value);
  await page.keyboard.press('ArrowRight');
  await seen(page);
  assert.notEqual(await page.evaluate(() => document.activeElement.value), chosen, 'an arrow chooses the next period');
  await page.keyboard.press('ArrowLeft');
  const excel = page.getByRole('checkbox', { name: s.say('format.xlsx') });
  const had = await excel.isChecked();
  await to(page, excel);
  await page.keyboard.press('Space');
  assert.equal(await excel.isChecked(), !had, 'the space bar ticks');
  await to(page, page.locator('input[type=number]').first(), 'Shift+Tab');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
  const guid = new URL(page.url()).pathname.slice(3);
  await page.goto('/reports');
  await s.world.reaches(guid, 'DELIVERED');

  const open = page.locator(`[data-popup="${guid}"]`).getByRole('link', { name: s.say('popup.open') });
  await open.waitFor();
  await to(page, open);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/r/' + guid);
  await to(page, page.locator(`#main a[download]`).first());
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.match(file.suggestedFilename(), /\.(pdf|xlsx)$/);
});
