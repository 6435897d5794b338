// The one who keeps it running: sees that something failed, finds it by its
// GUID, repairs the cause and sends it on its way again.
import assert from 'node:assert/strict';
import { english, stories } from '../harness/story.mjs';

stories('the operator finds a failed request and sends it on its way again', english, async (s) => {
  const { asker, operator } = await s.world.people(s.locale);
  const guid = await s.world.request(asker, 'sheet.v1');
  await s.world.reaches(guid, 'FAILED');

  const page = await s.signIn(operator);
  await page.getByRole('navigation', { name: s.say('nav.label') }).getByRole('link', { name: s.say('nav.operations') }).click();
  await page.getByRole('heading', { level: 1, name: s.say('nav.operations') }).waitFor();
  const find = page.getByRole('searchbox', { name: s.say('operations.find') });
  const nobody = guid.slice(0, -4) + (guid.endsWith('0000') ? '1111' : '0000');
  await find.fill(nobody);
  await find.press('Enter');
  await page.getByRole('alert').getByText(nobody).waitFor();
  await find.fill(guid);
  await find.press('Enter');
  await page.waitForURL('**/r/' + guid);
  await page.getByRole('status').getByText(s.say('state.failed')).waitFor();

  s.world.repairSheet();
  await page.locator('#main').getByRole('link', { name: s.say('act.redrive'), exact: true }).click();
  await page.waitForURL(`**/r/${guid}/redrive`); // what would happen, before it happens
  await page.getByText('FAILED → ', { exact: false }).first().waitFor();
  await page.getByRole('button', { name: s.say('act.redrive'), exact: true }).click();
  await page.waitForURL('**/r/' + guid);
  await page.getByRole('status').getByText(s.say('state.ready')).waitFor();
  const st = await s.world.reaches(guid, 'DELIVERED');
  assert.equal(st.generation, 2);
  const letter = (await s.world.mails(guid, asker)).at(-1);
  assert.ok(letter, 'a letter to who asked');
});
