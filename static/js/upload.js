// Documents are sent one by one while the parent goes on; a photograph is made small before it leaves the phone.
// Without this script «Келесі» sends whatever was chosen.

const PHOTO = { sides: [1200, 1600], from: 300_000 }; // 3×4 cm needs 354×472 pixels; this is plenty
const SHEET = { sides: [2480, 3508], from: 1_000_000 }; // a sheet at 300 dpi: every line stays legible
const form = document.querySelector("[data-oqu-upload-form]");

async function smaller(file, { sides, from }) {
  if (!/^image\/jpeg$/.test(file.type) || file.size < from) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, sides[0] / Math.min(picture.width, picture.height), sides[1] / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], file.name, { type: "image/jpeg" }) : file;
  } catch {
    return file; // the server decides
  }
}

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
  const title = document.getElementById(id);
  title.tabIndex = -1;
  title.focus();
}

async function send(card, box, input) {
  const original = input.files[0];
  if (!original) return;
  const t = box.dataset;
  const file = await smaller(original, "photo" in t ? PHOTO : SHEET);
  const refuse = (text) => { input.value = ""; line(box, text); }; // emptied, the same file can be chosen again
  if (file.size > Number(t.oquMost)) return refuse(t.textBig); // the server would say the same
  const data = new FormData();
  data.append(input.name, file, file.name);
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
  request.addEventListener("abort", () => refuse(""));
  request.addEventListener("error", retry);
  request.addEventListener("timeout", retry);
  request.addEventListener("load", () => {
    if ([401, 404, 409].includes(request.status)) return location.reload(); // signed out, or signed meanwhile
    if (request.status === 413) return refuse(t.textTaken);
    if (request.status === 429) return again(t.textOften);
    let told;
    try {
      told = JSON.parse(request.responseText);
    } catch {
      return again(t.textServer); // an answer came, so the connection holds: it was a page of an error
    }
    if (request.status !== 200 && request.status !== 400) return again(t.textServer);
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
  const ready = () => !term || term.value.trim() !== "";
  input.addEventListener("change", () => { if (ready()) send(card, box, input); });
  if (term) term.addEventListener("change", () => { if (ready()) send(card, box, input); });
}

if (form) {
  for (const card of form.querySelectorAll("[data-oqu-card]")) prepare(card);

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
