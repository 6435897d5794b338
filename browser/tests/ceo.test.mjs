// The one who asks: sign in, ask in three clicks, walk away, get it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { stories, turkish } from '../harness/story.mjs';
import { pdfText, whole } from '../harness/world.mjs';

stories('the CEO asks, walks away and gets it', turkish, async (s, t) => {
  const { asker } = await s.world.people(s.locale);
  const page = await s.signIn(asker);
  const away = await page.context().newPage();
  await away.goto('/reports');
  await s.live(away);

  let clicks = 0;
  const click = (x) => { clicks++; return x.click(); };
  await page.goto('/');
  const menu = page.getByRole('navigation', { name: s.say('nav.label') });
  await click(menu.getByRole('link', { name: s.say('nav.new') }));
  await click(page.locator('#main').getByRole('link', { name: s.locale === 'tr' ? /En çok olumlu yorum alan oyunlar/ : /Top games by positive reviews/ }));
  await click(page.getByRole('button', { name: s.say('new.send'), exact: true }));
  await page.waitForURL(/\/r\/[0-9a-f-]{36}$/);
  assert.ok(clicks <= 3, `${clicks} clicks to ask, at most three`);
  const guid = new URL(page.url()).pathname.slice(3);
  await page.goto('/bell');

  const popup = away.locator(`[data-popup="${guid}"]`);
  await popup.waitFor();
  const came = (await away.evaluate(() => window.peykPopups)).find(([g]) => g === guid)[1];
  const st = await s.world.reaches(guid, 'DELIVERED');
  const fact = Date.parse(st.journal.find((e) => e.name === 'taken').time);
  t.diagnostic(`popup ${came - fact} ms after the report was ours`);
  // How long it takes is the machine's affair, unless it does nothing else. That
  // the event brings it, and not the next look, is TestPopupComesWithTheEvent.
  if (whole) assert.ok(came - fact <= 1000, `popup ${came - fact} ms after the fact, at most 1000`);
  await page.locator(`#bell .badge`).waitFor();

  await popup.getByRole('link', { name: s.say('popup.open') }).click();
  await away.waitForURL('**/r/' + guid);
  const [file] = st.files;
  const [download] = await Promise.all([away.waitForEvent('download'), away.locator('#main').getByRole('link', { name: 'PDF' }).click()]);
  const bytes = fs.readFileSync(await download.path());
  const digest = createHash('sha256').update(bytes).digest('hex');
  assert.equal(download.suggestedFilename(), file.name);
  await away.getByText(digest, { exact: true }).first().waitFor();

  const mail = await s.world.mail(guid, asker);
  assert.equal(mail.attachments.length, 1, 'attachments of the letter');
  const attached = await s.world.attachment(mail);
  assert.deepEqual(attached, bytes, 'the letter brings what the page gives');
  const text = pdfText(attached).replace(/\s+/g, ' ');
  assert.ok(text.includes(st.title[s.locale].split(' – ')[0]), `the document does not name the report:\n${text.slice(0, 600)}`);
  assert.ok(mail.text.includes(`${s.world.url}/r/${guid}`), 'the letter links to the page');
});
