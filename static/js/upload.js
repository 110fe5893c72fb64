// Documents are sent one by one while the parent goes on; crop.js and shots.js have made photographs small by then.
// Without this script «Келесі» sends whatever was chosen.

import "./packed.js";

const form = document.querySelector("[data-oqu-upload-form]");

// The file that the page was drawn anew without.
let lost;
try {
  lost = sessionStorage.oquLost;
  delete sessionStorage.oquLost;
} catch { /* the browser keeps nothing */ }

const megabytes = (bytes) => (bytes / 1048576).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

function line(box, text, ...buttons) {
  let status = box.querySelector("[data-oqu-status]");
  if (!status) {
    status = document.createElement("p");
    status.dataset.oquStatus = "";
    status.setAttribute("role", "status");
    box.append(status);
  }
  status.textContent = `${text} `;
  for (const [label, press] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-button";
    button.textContent = label;
    button.addEventListener("click", press);
    status.append(button, " ");
  }
}

// What has been put right leaves the summary of errors at the top.
function settle(name) {
  const field = document.getElementById(`id_${name}`)?.closest(".field--error");
  if (field) {
    field.classList.remove("field--error");
    field.querySelector(".errorlist")?.remove();
  }
  const link = document.querySelector(`.errors a[href="#id_${name}"]`);
  if (!link) return;
  const list = link.closest("ul");
  link.closest("li").remove();
  if (!list.children.length) list.closest(".errors").remove();
}

function replaceCard(card, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const next = fresh.content.firstElementChild;
  const id = next.querySelector(".document__title").id;
  card.replaceWith(next);
  prepare(next);
  next.dispatchEvent(new Event("oqu:shown", { bubbles: true }));
  const title = document.getElementById(id);
  title.tabIndex = -1;
  title.focus();
}

function send(card, box, input) {
  const files = [...input.files];
  if (!files.length) return;
  const t = box.dataset;
  const refuse = (text) => { input.value = ""; line(box, text); }; // emptied, the same file can be chosen again
  if (files.some((file) => file.size > Number(t.oquMost))) return refuse(t.textBig); // the server would say the same
  const data = new FormData();
  for (const file of files) data.append(input.name, file, file.name);
  const term = card.querySelector('[name="valid_until"]');
  if (term) data.append("valid_until", term.value);
  const seen = form.querySelector('[name="seen"]'); // what is stored by this window is no other one's
  if (seen) data.append("seen", seen.value);
  data.append("csrfmiddlewaretoken", form.querySelector('[name="csrfmiddlewaretoken"]').value);

  const request = new XMLHttpRequest();
  request.open("POST", t.oquUpload);
  request.setRequestHeader("Accept", "application/json");
  request.timeout = 15 * 60 * 1000;
  const again = (text) => line(box, text, [t.textRetry, () => send(card, box, input)]);
  const retry = () => again(t.textFailed);
  request.upload.addEventListener("progress", (event) => {
    const share = event.total ? Math.round((100 * event.loaded) / event.total) : 0;
    line(box, `${t.textSending}: ${share} %, ${megabytes(event.loaded)} / ${megabytes(event.total)}`, [t.textCancel, () => request.abort()]);
  });
  request.addEventListener("abort", () => { // the field is emptied, so that «Келесі» sends none of it
    refuse("");
    line(box, "", [t.textRetry, () => {
      const back = new DataTransfer();
      for (const file of files) back.items.add(file);
      input.files = back.files;
      send(card, box, input);
    }]);
  });
  request.addEventListener("error", retry);
  request.addEventListener("timeout", retry);
  request.addEventListener("load", () => {
    // Signed out or in again, or signed meanwhile: it would not do again.
    if ([401, 403, 404, 409].includes(request.status) && !(lost && request.status === 403)) { // twice is a fault
      try {
        sessionStorage.oquLost = input.id;
      } catch { /* then nobody tells of it */ }
      return location.reload();
    }
    const [digits] = request.getResponseHeader("X-Case")?.match(/\d{4} ?\d{4}/) ?? [];
    const cased = (text) => (digits ? `${text} ${t.textCase} ${digits.slice(0, 4)}\u00a0${digits.slice(-4)}.` : text);
    if (request.status === 413) return refuse(cased(t.textTaken));
    if (request.status === 429) return again(cased(t.textOften));
    let told;
    try {
      told = JSON.parse(request.responseText);
    } catch {
      return again(cased(t.textServer)); // an answer came, so the connection holds: it was a page of an error
    }
    if (request.status !== 200 && request.status !== 400) return again(cased(t.textServer));
    lost = "";
    if (told.stored) settle(input.name);
    if (seen && told.seen) seen.value = told.seen;
    replaceCard(card, told.html);
  });
  line(box, t.textSending);
  request.send(data);
}

function prepare(card) {
  const box = card.querySelector("[data-oqu-upload]");
  const input = box && box.querySelector('input[type="file"]');
  if (!input) return;
  const save = box.querySelector("[data-oqu-save]");
  if (save) save.hidden = true; // choosing is enough
  const term = card.querySelector('[name="valid_until"]');
  const dated = () => !term || term.value.trim() !== "";
  input.addEventListener("change", () => {
    if (dated() || !input.files.length) return send(card, box, input);
    line(box, box.dataset.textTerm); // the file waits in its field
    term.focus();
  });
  term?.addEventListener("change", () => {
    const choosing = box.querySelector("[data-oqu-do='send']:not([hidden])"); // shots.js sends when its own button is pressed
    if (dated() && !choosing) send(card, box, input);
  });
}

// A page that asks for one document has no cards: what was looked at and is to go, goes with its form.
document.addEventListener("oqu:send", ({ target }) => {
  const whole = target.closest("[data-oqu-whole]");
  const term = whole?.querySelector('[name="valid_until"]');
  if (!term || term.value.trim()) return whole?.requestSubmit();
  const box = target.closest("[data-oqu-upload]");
  line(box, box.dataset.textTerm); // the file waits in its field
  term.focus();
});

if (form) {
  for (const card of form.querySelectorAll("[data-oqu-card]")) prepare(card);
  const box = lost && document.getElementById(lost)?.closest("[data-oqu-upload]");
  if (box) line(box, box.dataset.textLost);

  // The button stays pressable: pressing it says what is missing.
  const button = form.querySelector("[data-oqu-ticks]");
  const ticks = [...form.querySelectorAll('[name="data_correct"], [name="external_data"]')]; // on paper only one
  const mark = () => button.setAttribute("aria-disabled", String(!ticks.every((tick) => tick.checked)));
  for (const tick of ticks) {
    tick.addEventListener("change", () => {
      mark();
      if (tick.checked) settle(tick.name);
    });
  }
  mark();
}
