// What only scripts need lies packed in the page: who has none never sees it. Who looks for it imports this.

function unpack(part) {
  for (const packed of part.querySelectorAll("script[type='text/html']")) {
    packed.insertAdjacentHTML("beforebegin", packed.textContent);
    packed.remove();
  }
}
document.addEventListener("oqu:shown", ({ target }) => unpack(target)); // of a part that came later
unpack(document);
