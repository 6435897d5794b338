// The one who decides: hears of it, reads why, approves or declines; the one
// who asked follows live and reads the reason.
import assert from 'node:assert/strict';
import { english, stories, turkish } from '../harness/story.mjs';

stories('the approver approves, and the CEO follows live', turkish, async (s) => {
  const { asker, approver } = await s.world.people(s.locale);
  const note = s.locale === 'tr' ? 'Çarşamba günkü sunum için gerekiyor.' : 'We need it for the meeting on Wednesday.';
  const desk = await s.signIn(approver);
  await desk.goto('/reports');
  await s.live(desk);

  const page = await s.signIn(asker);
  await page.goto('/new/top-spenders.v1');
  await page.getByLabel(s.say('new.note')).fill(note);
  await page.getByRole('button', { name: s.say('new.send'), exact: true }).click();
  await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
  const guid = new URL(page.url()).pathname.slice(3);
  await page.getByRole('status').getByText(s.say('state.waiting')).waitFor();
  await s.live(page);

  await desk.locator('#bell .badge').waitFor();
  await desk.locator('#bell').click();
  await desk.waitForURL('**/bell');
  await desk.locator(`[data-guid="${guid}"]`).getByRole('link').click();
  await desk.waitForURL('**/r/' + guid);
  await desk.locator('blockquote').getByText(note).waitFor();
  await desk.getByText(s.say('fact.why'), { exact: true }).waitFor();
  await desk.getByRole('button', { name: s.say('act.approve'), exact: true }).click();
  await desk.waitForURL('**/approvals?done=*');

  await page.getByRole('status').getByText(s.say('state.ready')).waitFor(); // without a reload
  await page.locator('#main').getByRole('link', { name: 'PDF' }).waitFor();
  const st = await s.world.reaches(guid, 'DELIVERED');
  assert.equal(st.approvals.length, 1, 'decisions');
});

stories('the approver declines with a reason, which reaches the CEO', english, async (s) => {
  const { asker, approver } = await s.world.people(s.locale);
  const reason = s.locale === 'tr' ? 'Geçen haftaki listeyi kullanın.' : 'Please use the list of last week.';
  const guid = await s.world.request(asker, 'customer-contacts.v1');
  const page = await s.signIn(asker);
  await page.goto('/r/' + guid);
  await s.live(page);

  const desk = await s.signIn(approver);
  await desk.goto('/approvals');
  const note = desk.getByRole('textbox', { name: s.say('approvals.note') });
  await desk.getByRole('button', { name: s.say('act.decline'), exact: true }).click();
  await desk.getByText(s.say('problem.reason')).waitFor();
  assert.equal(await note.getAttribute('aria-invalid'), 'true', 'the note is marked');
  await desk.waitForFunction(() => document.activeElement?.matches('textarea[aria-invalid=true]'));
  assert.equal((await s.world.status(guid)).state, 'AWAITING_APPROVAL', 'nothing is decided');
  await desk.getByText(s.say('fact.why'), { exact: true }).waitFor(); // the rest of the page is still there

  await note.fill(reason);
  await desk.getByRole('button', { name: s.say('act.decline'), exact: true }).click();
  await desk.waitForURL('**/approvals?done=*');
  await page.getByRole('status').getByText(s.say('state.declined')).waitFor();
  await page.getByText(reason).first().waitFor();
  const mail = await s.world.mail(guid, asker);
  assert.ok(mail.text.includes(reason), `the letter does not say why:\n${mail.text}`);
  assert.equal(mail.attachments.length, 0, 'attachments of a letter without a report');
});
