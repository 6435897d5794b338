// What the pages cannot do without a script: one stream of news for all tabs,
// a form that survives a closed tab, and small comforts. Every page works
// without it, only less lively.
"use strict";

// One stream per browser. Browsers allow six connections per site, so the tabs
// of one person elect a leader (Web Locks) that passes on what it hears
// (BroadcastChannel). A new leader resumes behind the last notice.
class SharedSource extends EventTarget {
  constructor(url) {
    super();
    this.url = new URL(url, location.href);
    this.last = Number(this.url.searchParams.get("after"));
    this.readyState = 0;
    this.recent = new Map(); // of the leader: notices passed on and not seen yet
    this.moved = new Map(); // of the leader: when a request changed last, by its GUID
    const name = "peyk-news-" + document.body.dataset.account;
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (m) => this.hear(m.data);
    this.leaving = new AbortController();
    navigator.locks
      .request(name, { signal: this.leaving.signal }, () => new Promise((leave) => {
        this.leave = leave; // leader until this tab closes
        this.connect();
      }))
      .catch(() => {}); // left before it was elected
    this.channel.postMessage({ kind: "join", after: this.last, since: performance.timeOrigin });
  }

  connect() {
    this.url.searchParams.set("after", this.last);
    // What changed while this page was on its way is told first.
    this.url.searchParams.set("age", Math.round(performance.now()));
    this.source = new EventSource(this.url);
    for (const kind of ["notice", "seen", "changed"]) {
      this.source.addEventListener(kind, (e) => this.tell({ kind, data: e.data, id: e.lastEventId }));
    }
    this.source.onopen = () => this.tell({ kind: "open" });
    this.source.onerror = () => {
      this.tell({ kind: "lost" });
      // A browser gives up after an answer that is no stream, as when nobody
      // is signed in any more.
      if (this.source.readyState === EventSource.CLOSED) this.later = setTimeout(() => this.connect(), 30000);
    };
  }

  tell(news) {
    if (news.kind === "notice") this.recent.set(news.id, news);
    if (news.kind === "changed") this.moved.set(news.data, Date.now());
    this.channel.postMessage(news);
    this.hear(news);
  }

  hear(news) {
    switch (news.kind) {
      case "join": // a page drawn before the last news missed it while it was loading
        for (const [guid, at] of this.moved) if (at >= news.since) this.channel.postMessage({ kind: "changed", data: guid });
        for (const [id, notice] of this.recent) if (Number(id) > news.after) this.channel.postMessage(notice);
        return;
      case "notice":
        if (Number(news.id) <= this.last) return; // had already
        this.last = Number(news.id);
        break;
      case "open":
        this.readyState = 1;
        this.onopen?.(new Event("open"));
        connection(true);
        if (this.wasLost) for (const kind of ["changed", "again"]) this.pass(kind, "");
        this.wasLost = false;
        return;
      case "lost":
        this.readyState = 0;
        this.wasLost = true;
        connection(false);
        return;
      case "changed":
        this.pass("changed-" + news.data, news.data);
        break;
      case "seen":
        for (const [id, notice] of this.recent) if (notice.data.includes(news.data)) this.recent.delete(id);
        for (const p of document.querySelectorAll(`[data-popup="${CSS.escape(news.data)}"]`)) p.remove();
    }
    this.pass(news.kind, news.data);
  }

  pass(kind, data) { this.dispatchEvent(new MessageEvent(kind, { data })); }

  close() {
    this.readyState = 2;
    this.leaving.abort();
    clearTimeout(this.later);
    this.leave?.();
    this.source?.close();
    this.channel.close();
  }
}

function connection(well) {
  for (const line of document.querySelectorAll("[data-offline]")) line.hidden = well;
}

if (window.htmx && navigator.locks && window.BroadcastChannel) {
  htmx.createEventSource = (url) => new SharedSource(url);
}

// A draft is kept in this tab until its request is on its way. The key is the
// type; the GUID is part of it, so a draft sent twice is one request.
const draftKey = (type) => "peyk-draft-" + type;

function keepDraft(form) {
  const entries = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  sessionStorage.setItem(draftKey(form.dataset.draft), JSON.stringify(entries));
}

function restoreDraft(form) {
  const kept = sessionStorage.getItem(draftKey(form.dataset.draft));
  if (!kept || !("pristine" in form.dataset)) return;
  const values = new Map();
  for (const [name, value] of JSON.parse(kept)) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name) continue;
    const kept = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
    else if (kept.length > 0) field.value = kept.join(", ");
  }
}

function forgetDraft(guid) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith("peyk-draft-") && sessionStorage.getItem(key).includes(`"${guid}"`)) sessionStorage.removeItem(key);
  }
}

function showPeriod(fieldset) {
  const chosen = fieldset.querySelector("input[type=radio]:checked");
  const hint = fieldset.querySelector("[data-shown-hint]");
  if (chosen && hint) hint.textContent = chosen.dataset.hint ?? "";
}

// Recipients are typed as a list with commas; each finished name becomes a
// token that can be taken out again.
function makeTokens(field) {
  const input = field.querySelector("input");
  const add = () => {
    for (const name of input.value.split(/[,;]/).map((s) => s.trim()).filter(Boolean)) {
      const token = document.createElement("span");
      token.className = "token";
      token.append(name);
      const kept = Object.assign(document.createElement("input"), { type: "hidden", name: input.name, value: name });
      const out = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
      out.setAttribute("aria-label", field.dataset.remove + " " + name);
      out.onclick = () => {
        token.remove();
        input.focus();
        input.dispatchEvent(new Event("input", { bubbles: true }));
      };
      token.append(kept, out);
      input.before(token);
    }
    input.value = "";
    input.placeholder = field.querySelector("[type=hidden]") ? "" : input.placeholder;
  };
  // A token may push what lies below it down: not between the press of a button
  // and its release, which would then miss it.
  let pressed = false;
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => { pressed = false; }, true);
  input.addEventListener("change", () => {
    if (pressed) document.addEventListener("pointerup", () => setTimeout(add), { once: true });
    else add();
  });
  input.addEventListener("input", () => { if (/[,;]/.test(input.value)) add(); });
  input.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.ctrlKey && !e.metaKey && input.value.trim()) { e.preventDefault(); add(); }
  });
  if (input.getAttribute("aria-invalid") !== "true") add();
}

document.addEventListener("DOMContentLoaded", () => {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    restoreDraft(form);
    form.querySelectorAll("[data-remove]").forEach(makeTokens);
    form.querySelectorAll(".period").forEach(showPeriod);
    form.addEventListener("input", (e) => {
      keepDraft(form);
      const period = e.target.closest(".period");
      if (period) showPeriod(period);
    });
    (form.querySelector("[data-alarm]") ?? form.querySelector("[aria-invalid=true]"))?.focus();
  }
  for (const page of document.querySelectorAll("article[data-guid]")) forgetDraft(page.dataset.guid);
  document.querySelector("textarea[aria-invalid=true]")?.focus();
  offerCopies(document);
  fold(document);
});

// A second press on the way out would ask twice for nothing.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if ("sent" in form.dataset) { e.preventDefault(); return; }
  form.dataset.sent = "";
  setTimeout(() => { delete form.dataset.sent; }, 10000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
    const form = e.target.closest?.("form[data-draft], form[data-send]");
    if (form) { e.preventDefault(); form.requestSubmit(form.querySelector(".primary")); }
  }
});

function offerCopies(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}
document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(button.dataset.copy);
});

// A phase stays as it was left while the page renews itself. On a phone the
// steps begin folded away.
const folded = new Map();
document.addEventListener("toggle", (e) => {
  if (e.target.id?.startsWith("phase-")) folded.set(e.target.id, !e.target.open);
}, true);
function fold(root) {
  const phone = matchMedia("(max-width: 719px)").matches;
  for (const phase of root.querySelectorAll("details[id^=phase-]")) {
    phase.open = !(folded.get(phase.id) ?? phone);
    phase.dataset.folds = ""; // until now the sheet keeps it folded on a phone
  }
}
document.addEventListener("htmx:afterSwap", () => fold(document)); // before it is painted
document.addEventListener("htmx:afterSettle", () => {
  offerCopies(document);
  fold(document);
});
