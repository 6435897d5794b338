// Many tabs and browsers of one person, and a company that dies in between.
import assert from 'node:assert/strict';
import { story, turkish } from '../harness/story.mjs';
import { until, whole } from '../harness/world.mjs';

const popup = (page, guid) => page.locator(`[data-popup="${guid}"]`);

// alone fails when a tab got a popup twice.
async function once(page, guid) {
  const times = (await page.evaluate(() => window.peykPopups)).filter(([g]) => g === guid).length;
  assert.equal(times, 1, `popups about ${guid} in ${page.url()}`);
}

story('two tabs and two browsers of one person are in step', turkish, async (s) => {
  const { asker } = await s.world.people('tr');
  const first = await s.signIn(asker);
  const second = await first.context().newPage();
  const elsewhere = await s.signIn(asker, { width: 390, height: 800 });
  for (const page of [first, second, elsewhere]) {
    await page.goto('/bell');
    await s.live(page);
  }
  const guid = await s.world.request(asker, 'tiny.v1');
  for (const page of [first, second, elsewhere]) await popup(page, guid).waitFor();
  await popup(first, guid).getByRole('button', { name: s.say('popup.close') }).click();
  for (const page of [first, second, elsewhere]) {
    await popup(page, guid).waitFor({ state: 'detached' });
    await page.locator('#bell .badge').waitFor({ state: 'detached' });
    await once(page, guid);
  }
});

story('seven tabs share one stream, and another takes over', turkish, async (s) => {
  const { asker } = await s.world.people('tr');
  const first = await s.signIn(asker);
  const context = first.context();
  const tabs = [first];
  while (tabs.length < 7) tabs.push(await context.newPage());
  for (const page of tabs) {
    await page.goto('/reports');
    await s.live(page);
  }
  assert.equal(s.streams(context).length, 1, 'streams of seven tabs');
  const guid = await s.world.request(asker, 'tiny.v1');
  for (const page of tabs) {
    await popup(page, guid).waitFor();
    await once(page, guid);
  }
  // The tab with the stream goes: the news goes on, and nothing comes twice.
  const [stream] = s.streams(context);
  const leader = stream.frame().page();
  const rest = tabs.filter((p) => p !== leader);
  await leader.close();
  context.peykStreams.delete(stream);
  await until('a new leader', () => s.streams(context).length === 1);
  const next = await s.world.request(asker, 'tiny.v1');
  for (const page of rest) {
    await popup(page, next).waitFor();
    await once(page, next);
    await once(page, guid);
  }
  const late = await context.newPage(); // a page still loads beside them
  await late.goto('/new');
  await late.getByRole('heading', { level: 1 }).waitFor();
});

story('after a kill the news that was missed arrives, once', { ...turkish, alone: true, restarts: true }, async (s, t) => {
  s.tolerate(/htmx:(sendError|afterRequest)|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  const { asker } = await s.world.people('tr');
  const page = await s.signIn(asker);
  const second = await page.context().newPage();
  for (const p of [page, second]) {
    await p.goto('/reports');
    await s.live(p);
  }
  const before = await s.world.request(asker, 'tiny.v1');
  for (const p of [page, second]) await popup(p, before).waitFor();
  const sinceStart = Date.now() - s.world.begun;
  t.diagnostic(`first report ${sinceStart} ms after the start`);
  if (whole) assert.ok(sinceStart < 60_000, `first report ${sinceStart} ms after the start, at most 60000`);
  await s.world.kill();
  for (const p of [page, second]) await p.locator('[data-offline]:not([hidden])').waitFor();
  await s.world.run();
  const missed = await s.world.request(asker, 'tiny.v1');
  await s.world.reaches(missed, 'DELIVERED');
  for (const p of [page, second]) {
    await popup(p, missed).waitFor();
    await p.locator('[data-offline]').waitFor({ state: 'hidden' });
    await once(p, missed);
    await once(p, before);
  }
});

story('a part drawn before the news does not take it back', turkish, async (s) => {
  const { asker, approver } = await s.world.people('tr');
  const page = await s.signIn(asker);
  await page.goto('/reports');
  await s.live(page);
  // The list, drawn anew because of the request, comes late: after the news of its end.
  let release;
  const released = new Promise((done) => { release = done; });
  let held = false;
  await page.route('**/reports', async (route) => {
    if (held || route.request().headers()['hx-request'] !== 'true') return route.continue();
    held = true;
    const response = await route.fetch();
    await released;
    return route.fulfill({ response });
  });
  const guid = await s.world.request(asker, 'said.v1');
  await until('the list asked for anew', () => held);
  await s.world.call(approver, 'POST', `/requests/${guid}/approve`, {});
  await popup(page, guid).waitFor();
  release();
  await page.locator(`#main li[data-guid="${guid}"]`).getByText(s.say('state.ready')).first().waitFor();
  await page.locator('#bell .badge').waitFor();
});

story('a tab opened while the connection is lost says so', turkish, async (s) => {
  s.tolerate(/ERR_FAILED/);
  const { asker } = await s.world.people('tr');
  const page = await s.signIn(asker);
  const context = page.context();
  await context.route('**/events?*', (route) => route.abort());
  await page.goto('/reports');
  await page.locator('[data-offline]:not([hidden])').waitFor();
  const second = await context.newPage();
  await second.goto('/reports');
  await second.locator('[data-offline]:not([hidden])').waitFor();
  await context.unroute('**/events?*');
  for (const p of [page, second]) await p.locator('[data-offline]').waitFor({ state: 'hidden' });
});

story('who must decide no more is asked no more', { ...turkish, locale: 'en' }, async (s) => {
  const { asker, approver } = await s.world.people('en');
  const other = await s.world.person('olga', 'Olga Hart', 'en', 'approver');
  const guid = await s.world.request(asker, 'said.v1');
  const page = await s.signIn(other, { width: 390, height: 844 });
  await page.goto('/reports');
  await popup(page, guid).waitFor();
  await page.goto('/r/' + guid);
  assert.equal(await popup(page, guid).count(), 0, 'popups over the decision itself');
  const next = await s.world.request(asker, 'said.v1');
  await popup(page, next).waitFor();
  await s.world.call(approver, 'POST', `/requests/${next}/approve`, {});
  await popup(page, next).waitFor({ state: 'detached' });
});
