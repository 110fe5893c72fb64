// Small comforts. Every page works without them.

const errors = document.querySelector("[data-oqu-focus]");
if (errors) errors.focus();

// A second press within a second is an accident; the server refuses doubles too.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const now = Date.now();
  if (now - Number(form.dataset.oquSent || 0) < 1000) {
    event.preventDefault();
    return;
  }
  form.dataset.oquSent = String(now);
});

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
