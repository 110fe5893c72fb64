// The school's desk: documents looked at where they stand, keys for those who want them. Everything works
// without it.

import "./packed.js";

// A page turned takes nothing with it that is half written: the document alone comes anew.
let looking = null; // the last link that was pressed
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-oqu-look]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  look(link);
});
async function look(link) {
  looking = link;
  const item = link.closest(".documents__item");
  item.setAttribute("aria-busy", "true");
  const page = await fetch(link.href)
    .then((answer) => answer.text())
    .then((html) => new DOMParser().parseFromString(html, "text/html"))
    .catch(() => null);
  if (looking !== link) return item.removeAttribute("aria-busy"); // another one was pressed meanwhile
  const fresh = page?.getElementById(item.id);
  if (!fresh) return location.assign(link.href); // the browser shows what went wrong
  item.replaceWith(fresh);
  history.replaceState(null, "", link.href);
  const twin = fresh.querySelector(`[data-oqu-look="${link.dataset.oquLook}"]`);
  (twin ?? fresh.querySelector(".view, a"))?.focus({ preventScroll: true });
}

// Single keys are off until they are wanted in this browser (WCAG 2.1.4). By the place of the key and not by
// its letter: the layout is Kazakh or Russian.
const WANTED = "oqu-keys";
const help = document.querySelector("[data-oqu-keys]");
const change = help?.querySelector("[data-oqu-keys-switch]");

function wanted() {
  try {
    return localStorage.getItem(WANTED) === "on";
  } catch {
    return false; // storage is off
  }
}
if (help) {
  help.hidden = false;
  change.setAttribute("aria-pressed", String(wanted()));
  change.addEventListener("click", () => {
    try {
      localStorage.setItem(WANTED, wanted() ? "off" : "on");
    } catch {
      return;
    }
    change.setAttribute("aria-pressed", String(wanted()));
  });
}

const links = [...document.querySelectorAll("[data-oqu-row] a")];
function step(by) {
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  links[here < 0 ? 0 : Math.min(Math.max(here + by, 0), links.length - 1)]?.focus();
}
function choose(result) {
  const choice = document.querySelector(`.decide input[name="result"][value="${result}"]`);
  if (!choice) return;
  choice.closest("details")?.setAttribute("open", "");
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  const after = result === "REFUSE" ? "select" : "input[name='transport'], .actions button";
  choice.form.querySelector(after)?.focus();
}
const KEYS = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyX: () => document.activeElement.closest("[data-oqu-row]")?.querySelector("input")?.click(),
  KeyN: () => document.querySelector("[data-oqu-next]")?.click(),
  KeyB: () => document.querySelector("a.back")?.click(),
  KeyA: () => choose("ACCEPT"),
  KeyR: () => choose("REFUSE"),
  Slash: () => document.querySelector("[data-oqu-search]")?.focus(),
};
function showHelp() {
  help.open = true;
  help.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  if (!help || !wanted() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest?.("textarea, select, dialog, input:not([type='radio'], [type='checkbox'])")) return;
  const act = event.key === "?" || (event.shiftKey && event.code === "Slash") ? showHelp : KEYS[event.code];
  if (!act || (event.shiftKey && act !== showHelp)) return;
  event.preventDefault();
  act();
});
