// A picture of a document is turned and made larger where it stands; without the script it is opened as a file.

for (const tools of document.querySelectorAll("[data-oqu-view-tools]")) {
  const view = tools.previousElementSibling;
  let turns = 0;
  tools.hidden = false;
  tools.querySelector("[data-oqu-turn]").addEventListener("click", () => {
    view.classList.remove(`view--turn-${turns}`);
    turns = (turns + 1) % 4;
    view.classList.add(`view--turn-${turns}`);
  });
  const larger = tools.querySelector("[data-oqu-larger]");
  larger.addEventListener("click", () => {
    larger.setAttribute("aria-pressed", String(view.classList.toggle("view--large")));
  });
}
