// News of the reports: one stream for all tabs, popups, the bell, notifications
// of the system. Every page works without it, only less lively.
"use strict";
(() => {
const account = document.body.dataset.account;
if (!window.htmx || !account) return;

// In milliseconds. The server says every 10 s that it lives.
const dead = 30000; // a stream that said nothing for so long is opened anew
const deaf = 25000; // a leader that passed on nothing for so long is frozen: its place is taken
const deafHidden = 60000; // by a tab nobody looks at, whose clock is slow
const patience = 3000; // a connection that is back within it was not lost
const remembered = 15000; // what a new tab may have missed while it was loading
const now = () => performance.now();
const visible = () => document.visibilityState === "visible";

// Browsers allow six connections per site, so the tabs of one person elect a
// leader (Web Locks) that passes on what it hears (BroadcastChannel). A leader
// that is frozen in the background holds the lock and says nothing: a tab that
// hears nothing takes the lock from it, and the old leader, once it thaws,
// finds itself deposed and stands in line.
class News extends EventTarget {
  constructor(url) {
    super();
    this.url = new URL(url, location.href);
    this.last = Number(this.url.searchParams.get("after"));
    this.drawn = Number(this.url.searchParams.get("drawn")) - now();
    this.name = "peyk-news-" + account;
    this.readyState = 0;
    this.stolen = -Math.random() * deaf; // when it last took the place of a frozen leader
    this.recent = []; // of the leader: what it passed on lately
    this.notes = new Map(); // GUID → notification of the system
    this.enter();
    setInterval(() => this.watch(), 5000);
    for (const what of ["visibilitychange", "resume"]) document.addEventListener(what, () => this.watch());
    addEventListener("online", () => { if (this.source) this.connect(); });
    addEventListener("offline", () => { if (this.source) this.tell({ kind: "lost" }); });
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (e) => {
      if (!e.persisted) return;
      this.enter(); // back from the cache: old in every part
      document.getElementById("popups").replaceChildren();
      this.hear({ kind: "again" });
    });
  }

  enter() {
    this.away = false;
    this.heard = now();
    this.channel = window.BroadcastChannel ? new BroadcastChannel(this.name) : { postMessage() {}, close() {} };
    this.channel.onmessage = (m) => { this.heard = now(); this.hear(m.data); };
    this.stand();
    this.channel.postMessage({ kind: "join", after: this.last });
  }

  // stand runs for leader, or takes the place of one that is frozen.
  stand(steal = false) {
    const leaving = this.leaving = new AbortController();
    const lead = () => new Promise((free) => { this.free = free; this.connect(); });
    if (!navigator.locks) { lead(); return; }
    navigator.locks.request(this.name, steal ? { steal } : { signal: leaving.signal }, lead)
      .catch(() => {}) // left before it was elected, or deposed
      .then(() => {
        if (this.leaving !== leaving || this.away) return;
        this.disconnect();
        this.stand();
      });
  }

  leave() {
    this.away = true;
    this.leaving.abort();
    this.free?.();
    this.disconnect();
    this.channel.close();
  }

  close() { this.readyState = 2; this.leave(); }

  connect() {
    this.disconnect();
    this.url.searchParams.set("after", this.last);
    // All that was heard is on the page already.
    this.url.searchParams.set("drawn", Math.round(this.drawn + this.heard));
    this.since = now();
    const source = this.source = new EventSource(this.url);
    for (const kind of ["notice", "seen", "still", "bell", "changed", "again", "lost", "beat"]) {
      source.addEventListener(kind, (e) => {
        this.heard = now();
        if (kind === "beat") this.tries = 0;
        this.tell({ kind, data: e.data, id: e.lastEventId });
      });
    }
    source.onerror = () => {
      this.tell({ kind: "lost" });
      // A browser gives up after an answer that is no stream.
      if (source.readyState !== EventSource.CLOSED) return;
      this.tries = (this.tries ?? 0) + 1;
      this.later = setTimeout(() => this.connect(), Math.min(2500 * 2 ** this.tries, 30000));
    };
  }

  disconnect() {
    clearTimeout(this.later);
    this.source?.close();
    this.source = null;
  }

  // watch notices silence: of the server, or of the leader.
  watch() {
    if (this.away) return;
    const silent = now() - this.heard;
    if (this.source && silent > dead && now() - this.since > dead) {
      this.tell({ kind: "lost" });
      this.connect();
    } else if (!this.source && Math.min(silent, now() - this.stolen) > (visible() ? deaf : deafHidden)) {
      this.stolen = now() + Math.random() * 10000; // not again at once, and not all together
      this.leaving.abort();
      this.stand(true);
    }
  }

  tell(news) {
    if (["lost", "beat"].includes(news.kind)) this.lost = news.kind === "lost";
    this.recent = this.recent.filter((r) => now() - r.at < remembered);
    if (["notice", "seen", "changed", "again", "bell"].includes(news.kind)) this.recent.push({ at: now(), news });
    this.channel.postMessage(news);
    if (news.kind === "notice" && Number(news.id) > this.last) notify(this, news);
    this.hear(news);
  }

  hear(news) {
    switch (news.kind) {
      case "join": // a page drawn before the last news missed it while it was loading
        if (this.source && this.lost) this.channel.postMessage({ kind: "lost" });
        if (this.source) for (const r of this.recent) if (r.news.kind !== "notice" || Number(r.news.id) > news.after) this.channel.postMessage(r.news);
        return;
      case "who":
        if (visible()) this.channel.postMessage({ kind: "here" });
        return;
      case "here":
        this.watched = true;
        return;
      case "lost":
        this.readyState = 0;
        connection(false);
        return;
      case "beat":
        this.readyState = 1;
        connection(true, news.data);
        return;
      case "notice":
        if (Number(news.id) <= this.last) return; // had already
        this.last = Number(news.id);
        if (toldHere(news.data)) return;
        break;
      case "changed":
        this.pass("changed-" + news.data, news.data);
        break;
      case "again":
        this.pass("changed", "");
        break;
      case "still": {
        const left = new Set((news.data ?? "").split(" "));
        for (const p of document.querySelectorAll("[data-popup]")) if (!left.has(p.dataset.popup)) p.remove();
        return;
      }
      case "seen":
        for (const p of document.querySelectorAll(`[data-popup="${CSS.escape(news.data)}"]`)) p.remove();
        this.notes.get(news.data)?.close();
        this.notes.delete(news.data);
    }
    this.pass(news.kind, news.data);
  }

  pass(kind, data) {
    passed = now();
    this.dispatchEvent(new MessageEvent(kind, { data }));
  }
}
// A page says itself, live, what a notice about its own report says: a popup
// would only lie over it.
function toldHere(drawn) {
  const guid = drawn.match(/data-popup="([^"]*)"/)?.[1];
  return guid && document.querySelector(`article[data-guid="${CSS.escape(guid)}"], form.decide[action="/r/${CSS.escape(guid)}/approve"]`) !== null;
}

let news, passed = 0;
htmx.createEventSource = (url) => (news = new News(url));

// A part that was asked for before the last news came may be drawn from before
// it, bell and all: it is asked for once more.
const begun = new WeakMap();
const live = (e) => e.detail.elt.getAttribute("hx-trigger")?.includes("sse:");
document.addEventListener("htmx:beforeRequest", (e) => { if (live(e)) begun.set(e.detail.xhr, now()); });
document.addEventListener("htmx:afterRequest", (e) => {
  if (begun.get(e.detail.xhr) < passed) setTimeout(() => news?.hear({ kind: "again" }));
});

// The line under the title says as of when the page is right.
let lostSince;
function connection(well, clock) {
  for (const line of document.querySelectorAll("[data-offline]")) {
    if (clock) line.dataset.clock = clock;
    if (well) { line.hidden = true; line.textContent = ""; }
  }
  if (well) { clearTimeout(lostSince); lostSince = undefined; return; }
  lostSince ??= setTimeout(() => {
    for (const line of document.querySelectorAll("[data-offline]")) {
      line.hidden = false;
      line.textContent = line.dataset.offline.replace("{clock}", line.dataset.clock);
    }
  }, patience);
}

// At most three popups: the oldest goes to the bell. One that goes while it has
// the focus hands it on; nothing else moves it.
const popups = document.getElementById("popups");
let within = null; // the popup that has the focus
popups?.addEventListener("focusin", (e) => { within = e.target.closest(".popup"); });
popups?.addEventListener("focusout", (e) => { if (e.relatedTarget) within = null; });
if (popups) {
  new MutationObserver(() => {
    while (popups.children.length > 3) popups.firstElementChild.remove();
    if (!within || within.isConnected) return;
    within = null;
    if (document.activeElement === document.body) (popups.querySelector("[data-close]") ?? document.getElementById("main")).focus();
  }).observe(popups, { childList: true });
}
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape" && !e.defaultPrevented && !e.isComposing) popups?.lastElementChild?.querySelector("[data-close]").click();
});

// The tab's title counts what is unseen.
const count = () => {
  const unseen = document.getElementById("bell")?.dataset.unseen ?? "0";
  const title = document.title.replace(/^\([\d.,]+\) /, "");
  document.title = unseen === "0" ? title : `(${unseen}) ${title}`;
};
const brand = document.querySelector(".brand");
if (brand) new MutationObserver(count).observe(brand, { childList: true });

// Notifications of the system: asked for by a button, shown by the leader, and
// only while nobody looks at any of our tabs.
const wish = "peyk-notify-" + account;
async function notify(news, { data }) {
  if (localStorage.getItem(wish) !== "on" || Notification.permission !== "granted" || visible()) return;
  news.watched = false;
  news.channel.postMessage({ kind: "who" });
  await new Promise((done) => setTimeout(done, 400));
  if (news.watched || visible()) return;
  const drawn = document.createElement("template");
  drawn.innerHTML = data;
  const popup = drawn.content.querySelector("[data-popup]");
  const guid = popup.dataset.popup;
  try {
    const note = new Notification(popup.querySelector("strong").textContent, {
      body: popup.querySelector("p").textContent, tag: guid, lang: document.documentElement.lang,
      icon: document.querySelector("link[rel=icon]").href,
    });
    news.notes.set(guid, note);
    note.onclick = () => {
      note.close();
      window.focus();
      if (document.querySelector("form[data-draft]")) window.open("/r/" + guid);
      else location.assign("/r/" + guid);
    };
  } catch { localStorage.removeItem(wish); } // phones show them to workers only
}

const offer = document.querySelector("[data-notify]");
if (offer && "Notification" in window) {
  const part = (name) => offer.querySelector(`[data-notify-${name}]`);
  const show = () => {
    const on = localStorage.getItem(wish) === "on" && Notification.permission === "granted";
    const denied = Notification.permission === "denied";
    part("on").hidden = on || denied;
    part("off").hidden = !on;
    part("hint").hidden = denied;
    part("denied").hidden = !denied;
  };
  part("on").onclick = async () => {
    if (await Notification.requestPermission() === "granted") localStorage.setItem(wish, "on");
    show();
    if (!part("off").hidden) part("off").focus();
  };
  part("off").onclick = () => {
    localStorage.removeItem(wish);
    show();
    part("on").focus();
  };
  offer.hidden = false;
  show();
}
})();
