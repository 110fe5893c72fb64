// What only scripts need lies packed in the page: who has none, or no styles to hide it by, never sees it. Whatever
// looks for such parts imports this, so that they come together or not at all.

function unpack(part) {
  for (const packed of part.querySelectorAll("script[type='text/html']")) {
    packed.insertAdjacentHTML("beforebegin", packed.textContent);
    packed.remove();
  }
}
document.addEventListener("oqu:shown", ({ target }) => unpack(target)); // of a part that came later
unpack(document);
