// A story is a test with browsers that watch every page, in a world that it
// shares with the other stories of its file unless it says alone: true:
// an error in the console, a script's error, a broken content policy, a request
// to another site, an answer of 400 and more to anything but a page, an answer
// of 500 and more to a page: each fails the story.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { like, say } from './words.mjs';
import { limit, patience, pictures, surroundings, until, whole, World, zone } from './world.mjs';

// The headless shell is the same engine without the desktop around it, and takes half the time.
const programs = [process.env.PEYK_CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
let launched; // one browser per file of tests

export function browser() {
  const executablePath = programs.find((p) => p && fs.existsSync(p));
  if (!executablePath) throw new Error('no Chromium: run ./scripts/tools browser, or name one in PEYK_CHROMIUM');
  // Chromium refuses its sandbox to root, and many containers refuse it to others.
  launched ??= chromium.launch({ executablePath, args: ['--disable-gpu', '--no-sandbox'], env: surroundings, timeout: patience });
  return launched;
}
let shared; // the world of this file's stories

after(async () => {
  await (await launched)?.close();
  await shared?.stop();
});

// The ways of looking. A story runs in the one it names, for they differ in words
// and colours only, which all pages are held against; the whole run takes both.
export const turkish = { locale: 'tr', scheme: 'light' };
export const english = { locale: 'en', scheme: 'dark' };

export function stories(name, usual, tell) {
  for (const way of whole ? [turkish, english] : [usual]) story(`${name} (${way.locale}, ${way.scheme})`, way, tell);
}

export function story(name, way, tell) {
  test(name, { timeout: limit }, async (t) => {
    const s = new Story(way);
    // Out of time: the browsers go, and what waits for them fails where it is.
    t.signal.addEventListener('abort', () => { for (const c of s.contexts) c.close().catch(() => {}); });
    let well = false;
    try {
      s.world = way.alone ? await World.start(way) : shared ??= await World.start();
      await tell(s, t);
      s.judge();
      well = true;
    } catch (err) {
      await s.keep(name);
      const pattern = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      err.message += `\nrepeat: node browser/run.mjs --test-name-pattern='^${pattern}$'\npictures and console: ${path.join(pictures, 'failed')}`;
      throw err;
    } finally {
      for (const c of s.contexts) await c.close().catch(() => {});
      if (well && s.world === shared) await s.world.clear();
      else await s.world?.stop();
      if (!well && s.world === shared) shared = undefined; // the next story does not inherit the trouble
    }
  });
}

class Story {
  constructor({ locale, scheme }) {
    Object.assign(this, { locale, scheme, contexts: [], faults: [], trace: [] });
    this.tolerated = [
      // What the harness itself tries in the sandbox where the mailbox shows a letter.
      /^Blocked script execution in '[^']*\/messages\/[^'\/]+\/html'/,
      // A page was left while a part of it was on its way.
      /^htmx:(afterRequest|sendAbort), /,
    ];
  }

  say(id) { return say(this.locale, id); }
  like(id) { return like(this.locale, id); }

  // tolerate says what a story does on purpose.
  tolerate(...patterns) { this.tolerated.push(...patterns); }

  // open is a browser of its own: cookies, tabs, storage.
  async open({ width = 1280, height = 900, scheme = this.scheme, script = true, locale = this.locale } = {}) {
    const context = await (await browser()).newContext({
      viewport: { width, height }, colorScheme: scheme, locale, javaScriptEnabled: script, timezoneId: zone, acceptDownloads: true, baseURL: this.world.url,
      permissions: script ? ['clipboard-read', 'clipboard-write'] : [],
    });
    context.setDefaultTimeout(patience);
    context.setDefaultNavigationTimeout(patience);
    await context.addInitScript(watchInside);
    this.contexts.push(context);
    context.peykStreams = new Set();
    context.on('response', (r) => { if (isStream(r.request()) && r.ok()) context.peykStreams.add(r.request()); });
    for (const end of ['requestfinished', 'requestfailed']) context.on(end, (r) => context.peykStreams.delete(r));
    context.on('page', (page) => this.watch(page));
    return context;
  }

  // signIn is a browser with somebody signed in by the form; its first tab.
  async signIn(who, how = {}) {
    const context = await this.open({ locale: who.locale, ...how });
    const page = await context.newPage();
    await page.goto('/signin?lang=' + who.locale);
    await this.enter(page, who);
    return page;
  }

  async enter(page, who) {
    await page.getByLabel(say(who.locale, 'signin.name')).fill(who.name);
    await page.getByLabel(say(who.locale, 'signin.password')).fill(who.password);
    await page.getByRole('button', { name: say(who.locale, 'signin.send'), exact: true }).click();
    await page.waitForURL((u) => u.pathname !== '/signin');
  }

  // live waits until a tab hears the news: what happens from now on reaches it.
  // Only one tab of a browser holds the stream and passes the news on.
  async live(page) {
    await page.waitForFunction(() => window.peykHears);
    await until('the stream of news', () => this.streams(page.context()).length > 0);
  }

  // streams are the requests for news under way in a browser.
  streams(context) { return [...context.peykStreams]; }

  watch(page) {
    const note = (kind, text, fault) => {
      const line = `${new Date().toISOString()} ${page.url()} ${kind}: ${text}`;
      this.trace.push(line);
      if (fault && !this.tolerated.some((p) => p.test(text))) this.faults.push(line);
    };
    page.on('console', (m) => {
      // Chromium writes down each page that is no 200: the answers judge that.
      const answer = /^Failed to load resource: the server responded with a status of/.test(m.text());
      note('console.' + m.type(), `${m.text()} (${m.location().url})`, !answer && ['error', 'warning', 'assert'].includes(m.type()));
    });
    page.on('pageerror', (e) => note('script', e.stack ?? e.message, true));
    page.on('request', (r) => {
      const home = [this.world.url, this.world.mailbox].some((base) => r.url().startsWith(base + '/'));
      note('request', `${r.method()} ${r.url()}`, !home && !/^(data|blob|about):/.test(r.url()));
    });
    page.on('response', (r) => {
      const least = r.request().resourceType() === 'document' ? 500 : 400;
      note('answer', `${r.status()} ${r.request().method()} ${r.url()}`, r.status() >= least);
    });
  }

  judge() { assert.deepEqual(this.faults, [], 'what the pages complained about'); }

  // step writes down where a long story is.
  step(text) {
    this.trace.push(`${new Date().toISOString()} ${text}`);
    if (process.env.PEYK_TRACE) process.stderr.write(`${new Date().toISOString()} ${text}\n`);
  }

  // keep leaves what can be seen of a failure.
  async keep(name) {
    const dir = path.join(pictures, 'failed');
    const file = path.join(dir, name.replace(/[^\p{L}\p{N}]+/gu, '-'));
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(file + '.txt', [...this.trace, '', this.world?.said ?? ''].join('\n'));
    let n = 0;
    for (const page of this.contexts.flatMap((c) => c.pages())) {
      await page.screenshot({ path: `${file}-${++n}.png`, fullPage: true }).catch(() => {});
      fs.writeFileSync(`${file}-${n}.html`, await page.content().catch(() => ''));
    }
  }
}

function isStream(request) { return new URL(request.url()).pathname === '/events'; }

// watchInside runs in each page before its own scripts.
function watchInside() {
  document.addEventListener('securitypolicyviolation', (e) => console.error('policy broken', e.violatedDirective, e.blockedURI));
  window.peykShift = 0; // cumulative layout shift, whoever caused it
  window.peykShifts = [];
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) {
      if (e.hadRecentInput) continue;
      window.peykShift += e.value;
      window.peykShifts.push([e.value, ...e.sources.map((s) => s.node?.outerHTML?.slice(0, 90) ?? s.node?.nodeName)]);
    }
  }).observe({ type: 'layout-shift', buffered: true });
  window.peykPopups = []; // [guid, milliseconds since 1970] of each popup that came
  window.peykHears = false; // the channel over which tabs pass the news on
  const Channel = window.BroadcastChannel;
  window.BroadcastChannel = class extends Channel {
    constructor(name) { super(name); window.peykHears ||= name.startsWith('peyk-news-'); }
  };
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((c) => [...c.addedNodes])) {
      for (const p of node.matches?.('[data-popup]') ? [node] : node.querySelectorAll?.('[data-popup]') ?? []) {
        window.peykPopups.push([p.dataset.popup, Date.now()]);
      }
    }
  }).observe(document, { childList: true, subtree: true });
}
