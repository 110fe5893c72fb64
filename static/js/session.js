// Warns five minutes before the session ends and extends it (WCAG 2.2.1). All tabs share one clock.

import "./packed.js";

const dialog = document.querySelector("[data-oqu-session]");
const KEY = "oqu-session-ends";
const WARN_MS = 5 * 60 * 1000;

if (dialog) {
  const warning = dialog.querySelector("[data-oqu-warning]");
  const ended = dialog.querySelector("[data-oqu-ended]");
  let ends = 0;
  let shown = "";

  function renew(seconds) {
    ends = Date.now() + seconds * 1000;
    shown = "";
    try {
      localStorage.setItem(KEY, String(ends));
    } catch {
      // Storage may be off: then each tab keeps its own clock.
    }
  }

  function show(part, name) {
    if (shown === name) return; // closed by the person: not shown twice
    shown = name;
    warning.hidden = part !== warning;
    ended.hidden = part !== ended;
    dialog.setAttribute("aria-labelledby", "");
    part.querySelector("h2").id = "session-title";
    dialog.setAttribute("aria-labelledby", "session-title");
    if (!dialog.open) dialog.showModal();
    part.querySelector("button").focus();
  }

  function tick() {
    const left = ends - Date.now();
    if (left <= 0) show(ended, "ended");
    else if (left <= WARN_MS) show(warning, "warning");
    else if (dialog.open) dialog.close();
  }

  window.addEventListener("storage", (event) => {
    if (event.key !== KEY || !event.newValue) return;
    ends = Number(event.newValue);
    shown = "";
    tick();
  });

  dialog.querySelector("[data-oqu-extend]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    }).catch(() => null);
    // No network, or a failure that passes: the warning stays, the button can be pressed again.
    if (!answer || answer.status === 429 || answer.status >= 500) return;
    if (!answer.ok) return show(ended, "ended");
    renew((await answer.json()).seconds);
    dialog.close();
  });

  renew(Number(dialog.dataset.oquSession));
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return; // back from the browser's cache: another page may have renewed it
    ends = Number(localStorage.getItem(KEY)) || ends;
    tick();
  });
  setInterval(tick, 5000);
  tick();
}
