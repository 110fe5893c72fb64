// Photographed sheets: looked at before they are sent, made small, several of one document in their order; the
// server joins them to a PDF. What fails here goes on to upload.js as it was chosen.

const SHEET = { sides: [2480, 3508], from: 1_000_000 }; // a sheet at 300 dpi: every line stays legible
const MOST = 10;
const passed = new WeakSet();
const trays = new WeakMap(); // of each input, its shots so far

document.addEventListener("change", (event) => {
  const input = event.target;
  if (passed.has(event) || !input.matches("[data-oqu-upload]:not([data-photo]) input[type='file']")) return;
  const chosen = [...input.files];
  if (!chosen.length && trays.has(input)) { // «Тағы бет қосу», and then none
    event.stopImmediatePropagation();
    return show(input, trays.get(input));
  }
  if (!chosen.length || chosen.some((file) => file.type !== "image/jpeg")) return close(input);
  event.stopImmediatePropagation();
  add(input, chosen).catch(() => pass(input));
}, true);

function pass(input) {
  close(input);
  const event = new Event("change", { bubbles: true });
  passed.add(event);
  input.dispatchEvent(event);
}

function close(input) {
  trays.get(input)?.part.remove();
  trays.delete(input);
}

async function add(input, chosen) {
  const tray = trays.get(input) ?? { shots: [], ...laid(input) };
  trays.set(input, tray);
  for (const file of chosen) tray.shots.push(await smaller(file));
  tray.many = tray.shots.length > MOST;
  tray.shots.length = Math.min(tray.shots.length, MOST);
  show(input, tray);
  tray.part.querySelector("[data-oqu-do='send']").focus();
}

function laid(input) {
  const part = document.querySelector("[data-oqu-shots]").content.cloneNode(true).firstElementChild;
  input.closest("[data-oqu-upload]").append(part);
  part.addEventListener("click", (event) => {
    const button = event.target.closest("[data-oqu-do]");
    if (button) act(input, button);
  });
  return { part, line: part.querySelector("li") };
}

function act(input, button) {
  const tray = trays.get(input);
  const at = [...tray.part.querySelectorAll("li")].indexOf(button.closest("li"));
  const acts = {
    send: () => pass(input),
    more: () => input.click(),
    cancel: () => {
      input.value = "";
      pass(input);
      input.focus();
    },
    earlier: () => tray.shots.splice(at - 1, 2, tray.shots[at], tray.shots[at - 1]),
    drop: () => tray.shots.splice(at, 1),
  };
  const what = tray.shots.length === 1 && button.dataset.oquDo === "drop" ? "cancel" : button.dataset.oquDo;
  acts[what]();
  if (at < 0 || what === "cancel") return;
  tray.many = false;
  show(input, tray);
  tray.part.querySelector(`li:nth-child(${Math.max(1, at)}) [data-oqu-do='drop']`).focus();
}

// The field itself holds what is seen, so that «Келесі» sends the same.
function show(input, { shots, part, line, many }) {
  const files = new DataTransfer();
  for (const shot of shots) files.items.add(shot);
  input.files = files.files;
  part.querySelector("[data-oqu-says='joined']").hidden = shots.length < 2;
  part.querySelector("[data-oqu-says='many']").hidden = !many;
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
