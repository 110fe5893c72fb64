// Photographed sheets: looked at before they are sent, made small, several of one document in their order; the
// server joins them to a PDF. What fails here goes on to upload.js as it was chosen.

import "./packed.js";

const SHEET = { sides: [2480, 3508], from: 1_000_000 }; // a sheet at 300 dpi: every line stays legible
const MOST = 10;
const passed = new WeakSet();
const trays = new WeakMap(); // of each input, its shots so far, and what was last taken out of them

document.addEventListener("change", (event) => {
  const input = event.target;
  if (passed.has(event) || !input.matches("[data-oqu-upload]:not([data-photo]) input[type='file']")) return;
  const chosen = [...input.files];
  const tray = trays.get(input);
  const pictures = chosen.length && chosen.every((file) => file.type === "image/jpeg");
  if (!pictures && !tray?.shots.length) return close(input); // in place of what was cancelled
  event.stopImmediatePropagation();
  if (!pictures) return show(input, Object.assign(tray, { mixed: chosen.length > 0 })); // «Тағы бет қосу», then none
  add(input, chosen).catch(() => pass(input));
}, true);

function pass(input) {
  close(input);
  signal(input);
}

function signal(input) {
  const event = new Event("change", { bubbles: true });
  passed.add(event);
  input.dispatchEvent(event);
}

function close(input) {
  trays.get(input)?.part.remove();
  trays.delete(input);
}

// The field holds all of them from the first moment; each gives its place to the smaller one made of it.
async function add(input, chosen) {
  const tray = trays.get(input) ?? { shots: [], busy: 0, gone: null, ...laid(input) };
  trays.set(input, tray);
  const all = [...tray.shots, ...chosen];
  const fresh = all.slice(tray.shots.length, MOST);
  Object.assign(tray, { shots: all.slice(0, MOST), many: all.length > MOST, mixed: false, busy: tray.busy + 1 });
  hold(input, tray);
  for (const file of fresh) {
    const made = await smaller(file);
    if (trays.get(input) !== tray) return;
    for (const shots of [tray.shots, tray.gone?.shots ?? []]) {
      const at = shots.indexOf(file);
      if (at >= 0) shots[at] = made;
    }
    hold(input, tray);
  }
  tray.busy -= 1;
  show(input, tray);
  tray.part.querySelector("[data-oqu-do='send']").focus();
}

function laid(input) {
  const part = document.querySelector("[data-oqu-shots]").content.cloneNode(true).firstElementChild;
  const line = part.querySelector("li");
  line.remove();
  input.closest("[data-oqu-upload]").append(part);
  part.addEventListener("click", (event) => {
    const button = event.target.closest("[data-oqu-do]");
    if (button) act(input, button);
  });
  return { part, line };
}

function act(input, button) {
  const tray = trays.get(input);
  const at = [...tray.part.querySelectorAll("li")].indexOf(button.closest("li"));
  const acts = {
    send: () => {
      pass(input);
      input.dispatchEvent(new Event("oqu:send", { bubbles: true }));
    },
    more: () => input.click(),
    cancel: () => take(tray, 0, MOST),
    earlier: () => tray.shots.splice(at - 1, 2, tray.shots[at], tray.shots[at - 1]),
    drop: () => take(tray, at, 1),
    back: () => bring(tray),
  };
  const what = button.dataset.oquDo;
  acts[what]();
  if (what === "send" || what === "more") return;
  Object.assign(tray, { many: what === "back" && tray.gone !== null, mixed: false });
  show(input, tray);
  if (!tray.shots.length) signal(input); // nothing is chosen
  const next = tray.shots.length ? `li:nth-child(${Math.max(1, at)}) [data-oqu-do='drop']` : "[data-oqu-do='back']";
  tray.part.querySelector(next).focus();
}

// One press takes nothing for good: what was taken last comes back to its place, unless there is no room.
function take(tray, at, count) {
  tray.gone = { at, shots: tray.shots.splice(at, count) };
}

function bring(tray) {
  if (tray.shots.length + tray.gone.shots.length > MOST) return;
  tray.shots.splice(tray.gone.at, 0, ...tray.gone.shots);
  tray.gone = null;
}

// The field itself holds what is seen, so that «Келесі» sends the same.
function hold(input, { shots, part, busy }) {
  const files = new DataTransfer();
  for (const shot of shots) files.items.add(shot);
  input.files = files.files;
  part.querySelector("[data-oqu-do='send']").disabled = busy > 0;
}

function show(input, tray) {
  const { shots, part, line, many, mixed } = tray;
  hold(input, tray);
  input.dispatchEvent(new Event("oqu:chosen", { bubbles: true }));
  part.querySelector("[data-oqu-says='joined']").hidden = shots.length < 2;
  part.querySelector("[data-oqu-says='many']").hidden = !many;
  part.querySelector("[data-oqu-says='mixed']").hidden = !mixed;
  part.querySelector("[data-oqu-says='gone']").hidden = !tray.gone;
  for (const button of part.querySelectorAll(".actions button")) button.hidden = !shots.length;
  part.querySelector("ol").replaceChildren(...shots.map((shot, index) => {
    const item = line.cloneNode(true);
    const image = item.querySelector("img");
    image.alt += ` ${index + 1}`;
    image.src = URL.createObjectURL(shot);
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    item.querySelector("[data-oqu-do='earlier']").hidden = !index;
    return item;
  }));
}

async function smaller(file) {
  if (file.size < SHEET.from) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const [short, long] = [picture.width, picture.height].sort((a, b) => a - b);
    const scale = Math.min(1, SHEET.sides[0] / short, SHEET.sides[1] / long);
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? new File([blob], file.name, { type: "image/jpeg" }) : file;
  } catch {
    return file; // the server decides
  }
}
