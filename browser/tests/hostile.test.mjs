// Whatever a person types is shown as it was typed: no script of theirs runs,
// no element of theirs is made, on no page and in no letter.
import assert from 'node:assert/strict';
import { story, turkish } from '../harness/story.mjs';

const mark = (n) => `"'><img src=x onerror=window.peykStruck=${n} data-struck><script data-struck>window.peykStruck=${n}</script>`
  + `<svg/onload=window.peykStruck=${n} data-struck></textarea></title><b data-struck>{{7*7}}\${7*7}javascript:alert(1)`;

// harmless fails when a page let it through.
async function harmless(page, what) {
  const [ran, made, kept] = await page.evaluate((text) => [window.peykStruck, document.querySelectorAll('[data-struck]').length, document.body.innerText.includes(text)], 'data-struck');
  assert.equal(ran, undefined, `a script ran on ${what}`);
  assert.equal(made, 0, `elements made on ${what}`);
  return kept;
}

story('what people type never becomes markup', turkish, async (s) => {
  const { asker, approver, operator } = await s.world.people('tr');
  // Names are typed too, by whoever keeps the accounts.
  const evil = await s.world.person('mallory', 'Mal <img src=x onerror=window.peykStruck=0 data-struck>', 'tr', 'requester', 'approver');
  const page = await s.signIn(evil);

  // The form: a parameter, the note, the recipients, each shown back with errors.
  await page.goto('/new/said.v1');
  await page.getByLabel('Sözler').fill(mark(1));
  await page.getByLabel(s.say('new.note')).fill(mark(2));
  await page.locator('#recipients').fill(mark(3));
  await page.getByRole('button', { name: s.say('new.send'), exact: true }).click();
  await page.locator('#recipients[aria-invalid=true]').waitFor();
  await harmless(page, 'the form with errors');
  await page.locator('#recipients').fill('');
  await page.reload().catch(() => {});
  await page.goto('/new/said.v1');
  await page.getByLabel('Sözler').fill(mark(1));
  await page.getByLabel(s.say('new.note')).fill(mark(2));
  await page.getByRole('button', { name: s.say('new.send'), exact: true }).click();
  await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
  const guid = new URL(page.url()).pathname.slice(3);
  await page.goto('/new/said.v1'); // the draft comes back into its fields
  await harmless(page, 'the draft');

  const declined = await s.world.request(evil, 'said.v1', { words: mark(4) }, { note: mark(5) });
  const cancelled = await s.world.request(evil, 'said.v1', { words: mark(6) });
  await s.world.call(evil, 'POST', `/requests/${cancelled}/cancel`, { reason: mark(7) });

  const desk = await s.signIn(approver);
  for (const to of ['/approvals', '/bell', '/r/' + guid, '/r/' + declined]) {
    await desk.goto(to);
    const shown = await harmless(desk, `${to} of the approver`);
    if (to.startsWith('/r/')) assert.ok(shown, `${to} does not show what was typed`);
  }
  await desk.locator('textarea[name=reason]').fill(mark(8));
  await desk.getByRole('button', { name: s.say('act.decline'), exact: true }).click();
  await desk.waitForURL('**/approvals?done=*');
  await s.world.call(approver, 'POST', `/requests/${guid}/approve`, { reason: mark(9) });
  await s.world.reaches(guid, 'DELIVERED');

  const q = '?q=' + encodeURIComponent(mark(10));
  for (const to of ['/reports', '/reports' + q, '/new' + q, '/bell', '/r/' + guid, '/r/' + declined, '/r/' + cancelled, '/new/said.v1?again=' + guid]) {
    await page.goto(to);
    await harmless(page, to);
  }
  const watch = await s.signIn(operator);
  for (const to of ['/operations', '/operations' + q, '/r/' + guid, '/r/' + declined, '/r/' + cancelled]) {
    await watch.goto(to);
    await harmless(watch, `${to} of the operator`);
  }
  const outside = await (await s.open()).newPage();
  await outside.goto('/signin?next=' + encodeURIComponent('javascript:window.peykStruck=1') + '&lang=' + encodeURIComponent(mark(11)));
  await outside.getByLabel(/Kullanıcı adı|User/).fill(mark(12));
  await outside.locator('input[type=password]').first().fill('x');
  await outside.locator('form[data-signin] button').click();
  await outside.getByRole('alert').waitFor();
  await harmless(outside, 'the sign-in');

  // The letters, as the mailbox shows them and as they are.
  for (const about of [guid, declined]) {
    const mail = await s.world.mail(about, evil);
    assert.ok(!/<(img|script|svg|b)[^>]*data-struck/.test(mail.html), `markup in the letter about ${about}`);
    for (const to of [`/messages/${mail.id}`, `/messages/${mail.id}/html`, '/?to=' + encodeURIComponent(mark(13))]) {
      await outside.goto(s.world.mailbox + to);
      await harmless(outside, 'the mailbox at ' + to);
      for (const frame of outside.frames().slice(1)) assert.equal(await frame.locator('[data-struck]').count(), 0, 'elements made in the letter');
    }
  }
  void asker;
});
