// Answers come into the page they were asked on: Back leads out of it, and the browser asks about nothing.
// Without this script the page comes anew, with its answer.

import "./packed.js";

const latest = new Map(); // of each section, its last question

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-oqu-ask]")) return;
  event.preventDefault();
  ask(event.target, event.submitter);
});

// A changed place asks for the list below it.
document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-oqu-places]");
  if (form && event.target.matches("select")) ask(form, form.querySelector("[data-oqu-refresh] button"));
});

async function ask(form, button) {
  const section = form.closest("section");
  const question = {};
  latest.set(section.id, question);
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.set(button.name, button.value);
  const page = await fetch(form.action, { method: "POST", body })
    .then((answer) => answer.text())
    .then((html) => new DOMParser().parseFromString(html, "text/html"))
    .catch(() => null);
  if (latest.get(section.id) !== question) return; // asked again meanwhile
  const fresh = page?.getElementById(section.id);
  if (fresh) show(section, fresh, page.title);
  else form.submit(); // the browser shows what went wrong
}

function show(section, fresh, title) {
  const focused = section.contains(document.activeElement) ? document.activeElement.id : "";
  for (const field of section.querySelectorAll("input[type='text']")) {
    const twin = fresh.querySelector(`[name="${field.name}"]`);
    if (twin) twin.value = field.value; // typed while the answer was on its way
  }
  for (const errors of document.querySelectorAll(".errors")) errors.remove(); // one summary on a page
  section.replaceWith(fresh);
  fresh.dispatchEvent(new Event("oqu:shown", { bubbles: true }));
  prepare(fresh);
  document.title = title;
  const told = fresh.querySelector("[data-oqu-answer], .errors") ?? document.getElementById(focused);
  told?.focus({ preventScroll: true });
  if (told?.matches("[data-oqu-answer], .errors")) fresh.scrollIntoView();
}

function prepare(part) {
  for (const button of part.querySelectorAll("[data-oqu-share]")) {
    button.hidden = !navigator.share;
    button.addEventListener("click", () => navigator.share({ title: document.title, url: button.value }).catch(() => {}));
  }
  for (const refresh of part.querySelectorAll("[data-oqu-refresh]")) refresh.hidden = true;
}
prepare(document);
