// Signs with NCALayer, the program on the person's own computer. One WebSocket, one question at a time:
// its answers carry no number. It speaks first, with its version.

import "./packed.js";

const CONNECT_MS = 8000;
const BASICS = "kz.gov.pki.knca.basics";
const COMMON = "kz.gov.pki.knca.commonUtils";
const FILE_STORAGE = "PKCS12";

class Trouble extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind; // down | lost | cancelled | error | document: each has its sentence on the page
  }
}

function connect(url) {
  return new Promise((resolve, reject) => {
    let socket;
    try {
      socket = new WebSocket(url);
    } catch {
      return reject(new Trouble("down"));
    }
    const fail = () => {
      clearTimeout(timer);
      socket.close();
      reject(new Trouble("down"));
    };
    const timer = setTimeout(fail, CONNECT_MS);
    socket.onerror = socket.onclose = fail;
    socket.onmessage = (message) => {
      clearTimeout(timer);
      const greeting = parse(message.data);
      if (!greeting || !greeting.result || !greeting.result.version) return fail();
      resolve(socket);
    };
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function ask(socket, question) {
  return new Promise((resolve, reject) => {
    socket.onerror = socket.onclose = () => reject(new Trouble("lost"));
    socket.onmessage = (message) => {
      const answer = parse(message.data);
      if (answer) resolve(answer);
      else reject(new Trouble("error"));
    };
    socket.send(JSON.stringify(question));
  });
}

// The current module: several documents go as a list, are signed with one PIN and come back as a list in the
// same order. null: this NCALayer does not have it.
async function signBasics(socket, documents, who) {
  const signerParams = { extKeyUsageOids: who.oids, iin: who.iin, chain: who.anyCa ? [] : null };
  if (who.bin) signerParams.bin = who.bin;
  const answer = await ask(socket, {
    module: BASICS,
    method: "sign",
    args: {
      allowedStorages: null,
      format: "cms",
      data: documents.length > 1 ? documents : documents[0],
      signingParams: { decode: true, encapsulate: false, digested: false, tsaProfile: {} },
      signerParams,
      locale: who.locale,
    },
  });
  if (!("status" in answer)) return null;
  if (!answer.status) {
    if (/module/i.test(String(answer.code))) return null;
    throw new Trouble("error");
  }
  if (!answer.body || !("result" in answer.body)) throw new Trouble("cancelled");
  const signed = [answer.body.result].flat(); // some versions answer with a list to one document, too
  if (!signed.length) throw new Trouble("error");
  return signed.map(text);
}

// The older module: the person chooses the key, for each document anew; the server says if it is a wrong one.
async function signCommon(socket, documents, say) {
  const tokens = await askCommon(socket, "getActiveTokens");
  const storage = Array.isArray(tokens) && tokens.length ? tokens[0] : FILE_STORAGE;
  const signed = [];
  for (const data of documents) {
    if (documents.length > 1) say("each", `${signed.length + 1} / ${documents.length}`);
    signed.push(text(await askCommon(socket, "createCAdESFromBase64", [storage, "SIGNATURE", data, false])));
  }
  return signed;
}

async function askCommon(socket, method, args) {
  const answer = await ask(socket, args ? { module: COMMON, method, args } : { module: COMMON, method });
  if (answer.code === "200") return answer.responseObject;
  throw new Trouble(/cancel/i.test(String(answer.message)) ? "cancelled" : "error");
}

function text(signature) {
  if (typeof signature !== "string" || !signature) throw new Trouble("error");
  return signature;
}

async function documentOf(url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) throw new Trouble("document");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(binary);
}

async function sign(form, fields, say) {
  const settings = form.dataset;
  const who = {
    iin: settings.oquIin,
    bin: settings.oquBin,
    oids: settings.oquOids.split(" "),
    anyCa: "oquAnyCa" in settings,
    locale: settings.oquLocale,
  };
  say("opening");
  const documents = await Promise.all(fields.map((field) => documentOf(field.dataset.oquDocument)));
  const socket = await connect(settings.oquNcalayer);
  try {
    say("waiting");
    return (await signBasics(socket, documents, who)) ?? (await signCommon(socket, documents, say));
  } finally {
    socket.onerror = socket.onclose = socket.onmessage = null;
    socket.close();
  }
}

const form = document.querySelector("[data-oqu-ncalayer]");
if (form) {
  const parts = [...document.querySelectorAll("[data-oqu-say]")];
  const place = document.querySelector("[data-oqu-place]");
  const say = (kind, where = "") => {
    for (const part of parts) part.hidden = part.dataset.oquSay !== kind;
    place.textContent = where;
  };
  const fields = [...form.querySelectorAll("[data-oqu-document]")];
  const button = form.querySelector("button");
  let busy = false;

  // Pressed before this script had come, it would send no signature.
  document.querySelector("[data-oqu-loading]").hidden = true;
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      const signed = await sign(form, fields, say);
      for (const [index, field] of fields.entries()) field.value = signed[index] ?? ""; // the server minds gaps
      say("sending");
      form.submit();
    } catch (trouble) {
      say(trouble instanceof Trouble ? trouble.kind : "error");
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // back from the result: the request may be done
  });
}
