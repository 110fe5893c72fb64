// Choosing a school or an address: lists refresh by themselves, and what does not apply is out of sight.
// Without this script every list has its button and every field is shown.

// A changed list asks the server for the next one.
for (const form of document.querySelectorAll("[data-oqu-cascade], [data-oqu-residence]")) {
  const refresh = form.querySelector("[data-oqu-refresh]");
  const button = refresh.querySelector("button");
  refresh.hidden = true;
  for (const select of form.querySelectorAll("select")) {
    select.addEventListener("change", () => form.requestSubmit(button));
  }
}

// The page returns to the list that was changed.
const key = "oqu-cascade";
function keepChanged(id) {
  try {
    sessionStorage.setItem(key, id);
  } catch {
    // Storage is off: the list refreshes all the same.
  }
}
function takeChanged() {
  try {
    const id = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return id;
  } catch {
    return null;
  }
}
for (const select of document.querySelectorAll("[data-oqu-cascade] select, [data-oqu-residence] select")) {
  select.addEventListener("change", () => keepChanged(select.id));
}
const changed = takeChanged();
const again = changed && document.getElementById(changed);
if (again) again.focus();

// Fields that belong to a tick appear with it.
for (const part of document.querySelectorAll("[data-oqu-when]")) {
  const tick = document.getElementById(part.dataset.oquWhen);
  const show = () => { part.hidden = !tick.checked; };
  tick.addEventListener("change", show);
  show();
}

// Only languages that the chosen school offers.
const school = document.querySelector("[data-oqu-school]");
if (school) {
  const offered = () => {
    const radio = school.querySelector('input[name="school"]:checked');
    const label = radio && radio.closest(".choice").querySelector("[data-oqu-languages]");
    return label ? label.dataset.oquLanguages.split(" ") : null;
  };
  const narrow = () => {
    const codes = offered();
    for (const radio of school.querySelectorAll('input[name="language"]')) {
      const applies = !codes || codes.includes(radio.value);
      radio.closest(".choice").hidden = !applies;
      if (!applies) radio.checked = false;
    }
  };
  for (const radio of school.querySelectorAll('input[type="radio"][name="school"]')) {
    radio.addEventListener("change", narrow);
  }
  narrow();
}
