// What the pages cannot do without a script, besides the news (news.js): a form
// that survives a closed tab, and small comforts. Every page works without it.
"use strict";

// A draft is kept in this tab until its request is on its way. The key is the
// type; the GUID is part of it, so a draft sent twice is one request.
const draftKey = (type) => "peyk-draft-" + type;

function keepDraft(form) {
  const entries = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  sessionStorage.setItem(draftKey(form.dataset.draft), JSON.stringify(entries));
}

function restoreDraft(form) {
  const kept = sessionStorage.getItem(draftKey(form.dataset.draft));
  if (!kept || !("pristine" in form.dataset)) return false;
  const values = new Map();
  for (const [name, value] of JSON.parse(kept)) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name) continue;
    const kept = values.get(field.name) ?? [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = kept.includes(field.value);
    else if (kept.length > 0) field.value = kept.join(", ");
  }
  return true;
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

// A number goes up and down by one, within its limits.
function offerSteps(field) {
  const input = field.querySelector("input");
  for (const button of field.querySelectorAll("[data-step]")) {
    button.hidden = false;
    button.onclick = () => {
      let n = (Number(input.value) || 0) + Number(button.dataset.step);
      if (input.min !== "") n = Math.max(n, Number(input.min));
      if (input.max !== "") n = Math.min(n, Number(input.max));
      input.value = Number(n.toFixed(6));
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
  }
}

// Recipients are typed as a list with commas; each finished name becomes a
// token that can be taken out again.
let pressing = false;
addEventListener("pointerdown", () => { pressing = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressing = false; }, true);

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
  // A press that leaves the field must find its target where it was aimed: the
  // token, which may need a line more, waits until the press is over.
  input.addEventListener("change", () => {
    if (pressing) addEventListener("pointerup", () => setTimeout(add), { once: true });
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
    const restored = restoreDraft(form);
    form.querySelectorAll("[data-remove]").forEach(makeTokens);
    form.querySelectorAll(".period").forEach(showPeriod);
    form.addEventListener("input", (e) => {
      keepDraft(form);
      const period = e.target.closest(".period");
      if (period) showPeriod(period);
    });
    form.querySelectorAll(".stepper").forEach(offerSteps);
    // The sentence was drawn from the fresh form.
    if (restored) form.dispatchEvent(new Event("input", { bubbles: true }));
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
    const form = e.target.closest?.("form[data-draft], form[data-send]") ?? document.querySelector("form[data-send]");
    if (form) { e.preventDefault(); form.requestSubmit(form.querySelector(".primary")); }
  }
});

// J and K go down and up a list, / to the search. They rest while somebody
// types, and where <body data-keys="off"> (WCAG 2.1.4). In an inbox going on is
// opening, unless a note was begun.
const keysOn = () => document.body.dataset.keys !== "off";

function moveInList(by) {
  const links = [...document.querySelectorAll(".choices a, .rows .row-name a")].filter((a) => a.offsetParent);
  const at = links.findIndex((a) => a === document.activeElement);
  const from = at >= 0 ? at : links.findIndex((a) => a.hasAttribute("aria-current"));
  const link = links[from < 0 ? 0 : from + by];
  if (!link) return;
  const note = document.querySelector("form[data-send] textarea");
  if (link.closest(".letters-list") && !note?.value) link.click();
  else link.focus();
}

document.addEventListener("keydown", (e) => {
  if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || !keysOn()) return;
  if (e.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (e.key === "j" || e.key === "J") moveInList(1);
  else if (e.key === "k" || e.key === "K") moveInList(-1);
  else if (e.key === "/") {
    const search = [...document.querySelectorAll("input[type=search]")].find((i) => i.offsetParent);
    if (!search) return;
    e.preventDefault();
    search.focus();
    search.select();
  }
});

function offerCopies(root) {
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}
document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(button.dataset.copy).catch(() => {}); // not allowed: the text stands beside it
});

// A phase stays as it was left while the page renews itself. On a phone the
// steps begin folded away.
const folded = new Map();
document.addEventListener("toggle", (e) => {
  if (e.target.id?.startsWith("phase-")) folded.set(e.target.id, !e.target.open);
}, true);
function fold(root) {
  const phone = matchMedia("(max-width: 719px)").matches;
  for (const phase of root.querySelectorAll("details[id^=phase-]")) phase.open = !(folded.get(phase.id) ?? phone);
}
document.addEventListener("htmx:afterSettle", () => {
  offerCopies(document);
  fold(document);
});
