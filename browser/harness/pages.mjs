// Every page in every state that can be reached, in one table: a new page is
// one line. `at` is an address, or leads a tab to the state by hand.
//
// early: before anything waits and before the provider is frozen.
import { say } from './words.mjs';
import { newGUID } from './world.mjs';

// scene brings a world into all states, for the people of one language.
export async function scene(world, locale) {
  const people = await world.people(locale);
  const newcomer = await world.person('new' + locale, locale === 'tr' ? 'Yeni Gelen' : 'Nora Newman', locale, 'requester');
  const newApprover = await world.person('judge' + locale, locale === 'tr' ? 'Yargı Bekler' : 'Judy Waits', locale, 'approver');
  const { asker, approver } = people;
  const note = locale === 'tr' ? 'Çarşamba günkü sunum için.' : 'For the meeting on Wednesday.';
  const reason = locale === 'tr' ? 'Geçen haftaki listeyi kullanın.' : 'Please use the list of last week.';
  const guid = {
    ready: await world.request(asker, 'top-games.v1', {}, { formats: ['pdf', 'xlsx', 'csv'], recipients: [asker.name, approver.name] }),
    failed: await world.request(asker, 'sheet.v1'),
    declined: await world.request(asker, 'customer-contacts.v1', {}, { note }),
    cancelled: await world.request(asker, 'said.v1', { words: locale === 'tr' ? 'sözler' : 'words' }),
  };
  await world.call(approver, 'POST', `/requests/${guid.declined}/decline`, { reason });
  await world.call(asker, 'POST', `/requests/${guid.cancelled}/cancel`, { reason });
  await world.reaches(guid.ready, 'DELIVERED');
  await world.reaches(guid.failed, 'FAILED');
  const mail = await world.mail(guid.ready, asker);
  // What the pages are about must not lie under popups: one page shows those.
  for (const g of [guid.failed, guid.declined]) await world.mail(g, asker); // their notices are there too
  for (const g of Object.values(guid)) await world.call(asker, 'POST', `/requests/${g}/seen`);
  for (const g of [guid.ready, guid.declined, guid.cancelled]) await world.call(approver, 'POST', `/requests/${g}/seen`);
  return { ...people, newcomer, newApprover, guid, mail, locale, note, say: (id) => say(locale, id) };
}

// goOn adds what is still on its way, and holds it there.
export async function goOn(world, scenes) {
  for (const c of scenes) {
    c.guid.waiting = await world.request(c.asker, 'top-spenders.v1', {}, { note: c.note });
    c.guid.busy = await world.request(c.asker, 'slow.v1', { steps: 2_000_000_000 });
  }
  for (const c of scenes) await world.reaches(c.guid.busy, 'PREPARING');
  world.freeze();
}

const click = (page, name) => page.locator('#main, main').getByRole('button', { name, exact: true }).first().click();

export const pages = [
  { name: 'sign-in', at: (c) => `/signin?lang=${c.locale}` },
  {
    name: 'sign-in-wrong',
    async at(c, page) {
      await page.goto(`/signin?lang=${c.locale}`);
      await page.getByLabel(c.say('signin.name')).fill(c.asker.name);
      await page.getByLabel(c.say('signin.password')).fill('wrong');
      await click(page, c.say('signin.send'));
      await page.getByRole('alert').waitFor();
    },
    once: true, // more would be throttled
  },
  { name: 'not-found-unsigned', who: 'asker', at: () => '/nowhere' },
  { name: 'new', who: 'asker', at: () => '/new' },
  { name: 'new-nothing-found', who: 'asker', at: () => '/new?q=zzzz' },
  { name: 'form', who: 'asker', at: () => '/new/top-games.v1' },
  { name: 'form-with-approval', who: 'asker', at: () => '/new/top-spenders.v1' },
  {
    name: 'form-with-errors', who: 'asker',
    async at(c, page) {
      await page.goto('/new/top-games.v1');
      await page.locator('input[type=number]').first().fill('');
      for (const box of await page.locator('.checks input:checked').all()) await box.uncheck();
      await page.locator('#recipients').fill('nobody');
      await click(page, c.say('new.send'));
      await page.locator('[aria-invalid=true]').first().waitFor();
    },
  },
  { name: 'reports-empty', who: 'newcomer', at: () => '/reports' },
  { name: 'reports', who: 'asker', at: () => '/reports' },
  { name: 'reports-nothing-found', who: 'asker', at: () => '/reports?q=zzzz' },
  { name: 'report-ready', who: 'asker', at: (c) => '/r/' + c.guid.ready },
  { name: 'report-failed', who: 'asker', at: (c) => '/r/' + c.guid.failed },
  { name: 'report-failed-operator', who: 'operator', at: (c) => '/r/' + c.guid.failed },
  { name: 'report-declined', who: 'asker', at: (c) => '/r/' + c.guid.declined },
  { name: 'report-cancelled', who: 'asker', at: (c) => '/r/' + c.guid.cancelled },
  { name: 'report-waiting', who: 'asker', late: true, at: (c) => '/r/' + c.guid.waiting },
  { name: 'report-busy', who: 'asker', late: true, at: (c) => '/r/' + c.guid.busy },
  { name: 'reports-under-way', who: 'asker', late: true, at: () => '/reports?show=running' },
  { name: 'cancel', who: 'asker', late: true, at: (c) => `/r/${c.guid.waiting}/cancel` },
  { name: 'approvals-empty', who: 'approver', early: true, at: () => '/approvals' },
  { name: 'approvals', who: 'approver', late: true, at: () => '/approvals' },
  { name: 'decision', who: 'approver', late: true, at: (c) => '/r/' + c.guid.waiting },
  {
    name: 'decision-without-reason', who: 'approver', late: true,
    async at(c, page) {
      await page.goto('/r/' + c.guid.waiting);
      await click(page, c.say('act.decline'));
      await page.locator('textarea[aria-invalid=true]').waitFor();
    },
  },
  { name: 'approvals-past', who: 'approver', at: () => '/approvals/past' },
  { name: 'approvals-past-empty', who: 'newApprover', at: () => '/approvals/past' },
  { name: 'profile', who: 'asker', at: () => '/profile' },
  {
    name: 'profile-wrong-password', who: 'asker',
    async at(c, page) {
      await page.goto('/profile');
      await page.locator('input[type=password]').nth(0).fill('wrong');
      await page.locator('input[type=password]').nth(1).fill('one of these words');
      await page.locator('input[type=password]').nth(2).fill('another of these words');
      await click(page, c.say('profile.password.send'));
      await page.locator('[aria-invalid=true]').first().waitFor();
    },
    once: true, // more would be throttled
  },
  {
    name: 'profile-fresh-token', who: 'newcomer',
    async at(c, page) {
      await page.goto('/profile');
      await page.getByLabel(c.say('profile.token.label')).fill(c.locale === 'tr' ? 'aylık tablo' : 'monthly sheet');
      await click(page, c.say('profile.token.make'));
      await page.locator('.fresh').waitFor();
    },
    once: true, // each look makes one more
  },
  { name: 'bell-older', who: 'asker', at: () => '/bell' },
  { name: 'bell-empty', who: 'newcomer', early: true, at: () => '/bell' },
  { name: 'bell', who: 'approver', late: true, at: () => '/bell' },
  { name: 'popups', who: 'approver', late: true, at: () => '/reports' },
  { name: 'operations', who: 'operator', early: true, at: () => '/operations' },
  { name: 'operations-found', who: 'operator', at: (c) => '/operations?q=' + encodeURIComponent(c.asker.fullName) },
  { name: 'redrive', who: 'operator', at: (c) => `/r/${c.guid.failed}/redrive` },
  { name: 'redrive-nothing', who: 'operator', at: (c) => `/r/${c.guid.ready}/redrive` },
  { name: 'operations-not-found', who: 'operator', at: () => '/operations?q=' + newGUID() },
  { name: 'operations-trouble', who: 'operator', late: true, at: () => '/operations' },
  { name: 'not-found', who: 'asker', at: () => '/r/' + newGUID() },
  { name: 'forbidden', who: 'asker', at: () => '/operations' },
  { name: 'mailbox', mailbox: true, at: (c) => '/?lang=' + c.locale },
  { name: 'mailbox-nothing-found', mailbox: true, at: (c) => `/?to=zzzz&lang=${c.locale}` },
  { name: 'mail', mailbox: true, at: (c) => `/messages/${c.mail.id}?lang=${c.locale}` },
];

// show leads a tab to a page of the table.
export async function show(world, c, entry, page) {
  const to = entry.at(c, page);
  if (typeof to === 'string') await page.goto((entry.mailbox ? world.mailbox : '') + to);
  else await to;
  await page.evaluate(() => document.fonts.ready);
}

// tour goes through the table: a browser for each person and language, side by
// side, for the time of a picture is mostly waiting.
export async function tour(s, locales, each) {
  const scenes = [];
  for (const locale of locales) scenes.push(await scene(s.world, locale));
  const lanes = new Map(); // [scene, who] → its tab
  for (const part of ['early', 'whenever', 'late']) {
    if (part === 'late') await goOn(s.world, scenes);
    const here = pages.filter((e) => part === (e.early ? 'early' : e.late ? 'late' : 'whenever'));
    const people = [...new Set(here.map((e) => e.who))];
    await inTurns(3, scenes.flatMap((c) => people.map((who) => [c, who])), async ([c, who]) => {
      const key = c.locale + who;
      if (!lanes.has(key)) lanes.set(key, who ? await s.signIn(c[who]) : await (await s.open({ locale: c.locale })).newPage());
      for (const entry of here.filter((e) => e.who === who)) {
        s.step(`${entry.name} (${c.locale})`);
        await each(entry, c, lanes.get(key));
      }
    });
  }
}

// inTurns does n of the tasks at a time.
async function inTurns(n, tasks, act) {
  const left = [...tasks];
  const lane = async () => { for (let task = left.shift(); task; task = left.shift()) await act(task); };
  await Promise.all(Array.from({ length: n }, lane));
}
