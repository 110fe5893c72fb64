// Small comforts. Every page works without them.

import "./packed.js";

// The others come when the stylesheet is there: they would share a slow line with it.
for (const later of document.querySelectorAll("script[data-oqu-src]")) {
  later.async = false; // in their order
  later.src = later.dataset.oquSrc;
}

const KEPT = "oqu-kept";
const summary = document.querySelector("[data-oqu-focus]");
if (summary) summary.focus();

// A second press within a second is an accident; the server refuses doubles too.
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const now = Date.now();
  if (now - (sent.get(event.target) ?? 0) < 1000) event.preventDefault();
  else sent.set(event.target, now);
});

// Changing the language does not cost what was typed: it waits in this tab for one load of the page.
function typedFields() {
  const fields = document.querySelectorAll("main form[method='post'] :is(input, select, textarea)");
  return [...fields].filter((field) => field.name && !["hidden", "file", "submit"].includes(field.type));
}
function keepTyped(event) {
  const form = event.submitter?.closest("[data-oqu-language]"); // its buttons may be another form's
  if (!form) return;
  const values = typedFields().map((field) => [field.name, field.value, field.checked ?? false]);
  if (!values.length) return;
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ page: new URL(form.elements.next.value, location).pathname, values }));
  } catch {
    // Storage is off: the language changes all the same.
  }
}
function restoreTyped() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEPT));
    sessionStorage.removeItem(KEPT);
  } catch {
    return;
  }
  if (kept?.page !== location.pathname) return;
  for (const field of typedFields()) {
    const choice = ["checkbox", "radio"].includes(field.type); // by its value too: rows may have moved meanwhile
    const at = kept.values.findIndex(([name, value]) => name === field.name && (!choice || value === field.value));
    if (at < 0) continue;
    const [[, value, checked]] = kept.values.splice(at, 1);
    if (choice) field.checked = checked;
    else field.value = value;
  }
}
restoreTyped();
document.addEventListener("submit", keepTyped);

// An arrow on a list changes it at each press (WCAG 3.2.2): what the change asks of the server waits until Enter is
// pressed or the list is left. A pointer, or a phone's own wheel, changes it once.
const ASKING = ":is([data-oqu-cascade], [data-oqu-residence], [data-oqu-places]) select";
const walked = new Map(); // of a list on which keys are pressed, the value that was asked about
let touched = null;
function walk({ key, target: list }) {
  touched = null;
  if (list.matches?.(ASKING) && key !== "Enter" && !walked.has(list)) walked.set(list, list.value);
}
function arrive(event) {
  const list = event.target;
  if (!walked.has(list) || (event.key && event.key !== "Enter")) return;
  const was = walked.get(list);
  walked.delete(list);
  if (was === list.value) return;
  if (event.type === "keydown") event.preventDefault(); // Enter is the list's, and not the form's button
  list.dispatchEvent(new Event("change", { bubbles: true }));
}
document.addEventListener("keydown", walk, true);
document.addEventListener("change", (event) => {
  if (touched === event.target) walked.delete(touched);
  else if (walked.has(event.target)) event.stopImmediatePropagation();
}, true);
document.addEventListener("pointerdown", ({ target }) => { touched = target; }, true);
for (const end of ["keydown", "keyup", "blur"]) document.addEventListener(end, arrive, true);

for (const button of document.querySelectorAll("[data-oqu-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Printing shows every answer; an address with #question opens its answer.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.disclosure")) details.open = true;
});
function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
window.addEventListener("hashchange", openTarget);
openTarget();

// The browser words its own file field in its own language. Ours stand in its place only here, where the name of
// what was chosen can be written beside them: without this script the field stays the browser's, and honest.
function nameFiles({ target }) {
  const name = target.closest("[data-oqu-file]")?.querySelector("[data-oqu-file-name]");
  if (!name) return;
  name.dataset.none ??= name.textContent;
  name.textContent = [...target.files].map((file) => file.name).join(", ") || name.dataset.none;
}
function wordFiles(part) {
  for (const file of part.querySelectorAll("[data-oqu-file]")) file.classList.add("file--ready");
}
document.addEventListener("change", nameFiles, true); // before a script that keeps the change to itself
document.addEventListener("oqu:chosen", nameFiles); // by a script, in place of what was chosen last
document.addEventListener("oqu:shown", ({ target }) => wordFiles(target)); // unpacked by then
wordFiles(document);

// The browser's own field, on which a file can be dropped, is out of sight then: its place takes it.
function fieldUnder(event) {
  const field = event.target.closest?.(".file--ready")?.querySelector("input[type='file']:enabled");
  return event.dataTransfer?.types.includes("Files") ? field : null;
}
document.addEventListener("dragover", (event) => { if (fieldUnder(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => {
  const [field, { files }] = [fieldUnder(event), event.dataTransfer];
  if (!field || (files.length > 1 && !field.multiple)) return;
  event.preventDefault();
  field.files = files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
