// The school's queue: one tick for the whole page, and how many are ticked. Rows are ticked without it too.

import "./packed.js";

const form = document.querySelector("[data-oqu-ticks]");
const offer = form?.querySelector("[data-oqu-tick-all]");
if (offer) {
  const all = offer.querySelector("input");
  const rows = [...form.querySelectorAll("input[name='one']")];
  const elsewhere = Number(form.dataset.oquTicks); // on other pages
  const count = form.querySelector("[data-oqu-ticked]");
  const show = () => {
    const ticked = rows.filter((row) => row.checked).length;
    count.textContent = ticked + elsewhere ? `(${ticked + elsewhere})` : "";
    all.checked = ticked > 0 && ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  };
  offer.hidden = !rows.length;
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show); // Back brings the ticks back
}
