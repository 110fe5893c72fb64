// A photo is turned and cut to 3×4 on the phone, and sent small. What fails here leaves the file as it was
// chosen: the change goes on to upload.js, and the server decides.

import "./packed.js";

const SENT = 1200; // pixels across at most, and 1600 down: 3×4 cm need 354×472
const WORKED_ON = 3000; // of the longer side: what is sent loses nothing, and a phone's memory holds it
const SMALLEST = 236; // across; with the rest as applications/documents judges (keeping.py, cell/photo.py)
const [DARKEST, BRIGHTEST, BLURRED] = [50, 225, 20];
const STEP = 0.03; // of the frame, at each press
const passed = new WeakSet();
const choices = new WeakMap(); // of each input, the last: an earlier one may still be opening

document.addEventListener("change", (event) => {
  const input = event.target;
  if (passed.has(event) || !input.matches("[data-photo] input[type='file']")) return;
  const box = input.closest("[data-oqu-upload]");
  box.querySelector(".crop")?.remove();
  choices.set(input, input.files[0]);
  if (input.files[0]?.type !== "image/jpeg") return;
  event.stopImmediatePropagation();
  const chosen = input.files[0];
  open(box, input).catch(() => { if (choices.get(input) === chosen) pass(input); });
}, true);

function pass(input) {
  const event = new Event("change", { bubbles: true });
  passed.add(event);
  input.dispatchEvent(event);
}

async function open(box, input) {
  const [chosen] = input.files;
  const source = await loaded(chosen);
  if (choices.get(input) !== chosen) return;
  const part = document.querySelector("[data-oqu-crop]").content.cloneNode(true).firstElementChild;
  const [frame, print] = part.querySelectorAll("canvas");
  const view = { turn: 0, zoom: 1, x: 0, y: 0 };
  let waiting;

  const show = () => {
    draw(frame, source, view);
    draw(print, source, view);
    const found = flaws(source, view);
    for (const said of part.querySelectorAll("[data-oqu-says]")) said.hidden = !found.includes(said.dataset.oquSays);
    clearTimeout(waiting);
    waiting = setTimeout(() => keep().catch(() => {}), 300); // «Келесі» sends what is seen
  };
  const keep = async () => {
    clearTimeout(waiting);
    const width = Math.min(SENT, across(source, view));
    const blob = await packed(draw(canvas(width), source, view));
    const files = new DataTransfer();
    files.items.add(new File([blob], chosen.name, { type: blob.type }));
    if (part.isConnected) input.files = files.files;
  };
  const close = () => {
    clearTimeout(waiting);
    part.remove();
  };
  const acts = {
    turn: () => Object.assign(view, { turn: (view.turn + 1) % 4, x: 0, y: 0 }),
    closer: () => { view.zoom = Math.min(4, view.zoom * 1.15); },
    farther: () => { view.zoom = Math.max(1, view.zoom / 1.15); },
    left: () => { view.x -= STEP; },
    right: () => { view.x += STEP; },
    up: () => { view.y -= STEP; },
    down: () => { view.y += STEP; },
    middle: () => Object.assign(view, { zoom: 1, x: 0, y: 0 }),
    send: () => keep().catch(() => {}).then(() => {
      if (!part.isConnected) return; // pressed twice, or another has been chosen
      close();
      pass(input);
      input.dispatchEvent(new Event("oqu:send", { bubbles: true }));
    }),
    cancel: () => {
      close();
      input.value = "";
      pass(input);
      offer(box, input, chosen);
      input.focus();
    },
  };
  const act = (what) => {
    acts[what]();
    if (part.isConnected && what !== "send") show();
  };
  part.addEventListener("click", (event) => {
    const what = event.target.closest("[data-oqu-do]")?.dataset.oquDo;
    if (what) act(what);
  });
  const keys = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", "+": "closer", "=": "closer", "-": "farther" };
  frame.parentElement.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act(keys[event.key]);
  });
  let held = null; // where the finger was last
  frame.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return; // a second finger moves nothing
    frame.setPointerCapture(event.pointerId);
    held = event;
  });
  frame.addEventListener("pointermove", (event) => {
    if (!held || !frame.hasPointerCapture(event.pointerId)) return;
    view.x += (event.clientX - held.clientX) / frame.clientWidth;
    view.y += (event.clientY - held.clientY) / frame.clientHeight;
    held = event;
    show();
  });
  box.append(part);
  show();
  part.querySelector(".crop__frame").focus();
}

// One press takes nothing for good: the photo may be had back until another is chosen.
function offer(box, input, chosen) {
  const part = document.querySelector("[data-oqu-gone]").content.cloneNode(true).firstElementChild;
  part.querySelector("button").addEventListener("click", () => {
    const files = new DataTransfer();
    files.items.add(chosen);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  box.append(part);
}

async function loaded(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, WORKED_ON / Math.max(picture.width, picture.height));
  const held = canvas(picture.width * scale, picture.height * scale);
  held.getContext("2d").drawImage(picture, 0, 0, held.width, held.height);
  picture.close();
  return held;
}

function canvas(width, height = (width * 4) / 3) {
  return Object.assign(document.createElement("canvas"), { width: Math.round(width), height: Math.round(height) });
}

const packed = (drawn) => new Promise((done, fail) => {
  drawn.toBlob((blob) => (blob ? done(blob) : fail()), "image/jpeg", 0.85);
});

const upright = (source, { turn }) => (turn % 2 ? [source.height, source.width] : [source.width, source.height]);

// How many pixels of the picture lie across the frame.
function across(source, view) {
  const [width, height] = upright(source, view);
  return Math.max(3, Math.floor(Math.min(width, (height * 3) / 4) / view.zoom));
}

// The frame is always full: the picture is kept from leaving it.
function draw(onto, source, view) {
  const [width, height] = upright(source, view);
  const scale = onto.width / across(source, view);
  const room = [width * scale / onto.width, height * scale / onto.height].map((times) => Math.max(0, (times - 1) / 2));
  view.x = Math.max(-room[0], Math.min(room[0], view.x));
  view.y = Math.max(-room[1], Math.min(room[1], view.y));
  const context = onto.getContext("2d", { willReadFrequently: onto.width === 360 });
  context.setTransform(1, 0, 0, 1, onto.width * (0.5 + view.x), onto.height * (0.5 + view.y));
  context.rotate((view.turn * Math.PI) / 2);
  context.scale(scale, scale);
  context.drawImage(source, -source.width / 2, -source.height / 2);
  return onto;
}

const judged = canvas(360);

// Of the middle, where the face is: how light it is, and how much neighbours differ.
function flaws(source, view) {
  const [w, h] = [judged.width / 2, judged.height / 2];
  const { data } = draw(judged, source, view).getContext("2d").getImageData(w / 2, h / 2, w, h);
  const grey = Float32Array.from({ length: w * h }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  let [light, sum, squares, n] = [0, 0, 0, 0];
  for (let y = 1; y < h - 1; y += 1) {
    for (let i = y * w + 1; i < (y + 1) * w - 1; i += 1) {
      const edge = grey[i - 1] + grey[i + 1] + grey[i - w] + grey[i + w] - 4 * grey[i];
      light += grey[i];
      sum += edge;
      squares += edge * edge;
      n += 1;
    }
  }
  light /= n;
  const found = [];
  if (across(source, view) < SMALLEST) found.push("small");
  if (light < DARKEST) found.push("dark");
  if (light > BRIGHTEST) found.push("bright");
  if (squares / n - (sum / n) ** 2 < BLURRED) found.push("blurred");
  return found.length ? found : ["good"];
}
