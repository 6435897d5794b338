// Without a script: sign in, ask, read, approve, close a notice.
import assert from 'node:assert/strict';
import { stories, turkish } from '../harness/story.mjs';

stories('everything works without a script', turkish, async (s) => {
  const { asker, approver } = await s.world.people(s.locale);
  const page = await s.signIn(asker, { script: false });
  const menu = page.getByRole('navigation', { name: s.say('nav.label') });
  await menu.getByRole('link', { name: s.say('nav.new') }).click();
  await page.locator('#main a[href="/new/customer-contacts.v1"]').first().click();
  await page.getByLabel(s.say('new.note')).fill('…');
  await page.getByRole('button', { name: s.say('new.send'), exact: true }).click();
  await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
  const guid = new URL(page.url()).pathname.slice(3);
  await page.getByText(s.say('state.waiting')).first().waitFor();

  const desk = await s.signIn(approver, { script: false });
  await desk.getByRole('navigation', { name: s.say('nav.label') }).getByRole('link', { name: s.say('nav.approvals') }).click();
  await desk.getByRole('button', { name: s.say('act.decline'), exact: true }).click();
  await desk.getByText(s.say('problem.reason')).waitFor();
  await desk.getByRole('button', { name: s.say('act.approve'), exact: true }).click();
  await desk.waitForURL('**/approvals?done=*');

  await s.world.reaches(guid, 'DELIVERED');
  await page.goto('/bell');
  const notice = page.locator(`#notices [data-guid="${guid}"]`);
  await notice.getByRole('button', { name: s.say('bell.seen') }).click();
  await page.waitForURL('**/bell');
  await notice.waitFor(); // among the older ones
  assert.equal(await notice.getByRole('button').count(), 0, 'what was seen asks no more to be seen');
  await page.goto('/reports');
  await page.locator(`#main li[data-guid="${guid}"]`).getByText(s.say('state.ready')).first().waitFor();
  await page.locator(`#main li[data-guid="${guid}"] a[href="/r/${guid}"]`).click();
  await page.getByRole('status').getByText(s.say('state.ready')).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('#main a[download]').first().click()]);
  assert.match(file.suggestedFilename(), /\.pdf$/);
});
