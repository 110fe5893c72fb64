// The choice of the way as a modal window, and the wait for the phone. Both work without this script.

import "./packed.js";

const choice = document.querySelector("[data-oqu-choice]");
if (choice) {
  const reopen = document.querySelector("[data-oqu-reopen]");
  const open = () => {
    reopen.hidden = true;
    choice.showModal();
  };
  choice.close();
  choice.querySelector("[data-oqu-close]").hidden = false;
  choice.addEventListener("close", () => {
    reopen.hidden = false;
    reopen.querySelector("button").focus();
  });
  reopen.addEventListener("click", open);
  open();
}

const FIRST_MS = 2000;
const LONGEST_MS = 10000;
const poll = document.querySelector("[data-oqu-poll]");
if (poll) {
  let wait = FIRST_MS;
  let timer = 0;
  poll.querySelector("[data-oqu-automatic]").hidden = false;
  const drawn = poll.querySelector("[data-oqu-drawn]"); // the page of documents that are still drawn
  const bar = document.querySelector("progress");
  const silence = document.querySelector("[data-oqu-silence]");

  // A phone has read the QR: the person is told when, and what to do if it was not theirs.
  function tell(name, time) {
    if (!time) return;
    document.querySelector(`[data-oqu-${name}-at]`).textContent = time;
    document.querySelector(`[data-oqu-${name}]`).hidden = false;
  }

  async function ask() {
    clearTimeout(timer);
    const answer = await fetch(poll.dataset.oquPoll, { headers: { Accept: "application/json" } }).catch(() => null);
    if ([401, 404].includes(answer?.status)) return location.reload(); // signed out, or not theirs: the page says so
    const news = answer && answer.ok ? await answer.json().catch(() => null) : null;
    if (drawn && news) {
      if (!news.drawing) return location.reload();
      drawn.textContent = news.drawing.done;
      bar.value = news.drawing.done;
      silence.hidden = !news.drawing.silent;
    } else if (news && !news.open) {
      for (const part of poll.children) part.hidden = !part.hasAttribute("data-oqu-moving");
      return location.assign(news.url);
    }
    tell("elsewhere", news?.elsewhere);
    tell("proven", news?.proven);
    tell("opened", news?.opened);
    wait = Math.min(wait * 1.25, LONGEST_MS);
    timer = setTimeout(ask, wait);
  }

  // Back from the app on the same phone: look at once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return clearTimeout(timer);
    wait = FIRST_MS;
    ask();
  });
  timer = setTimeout(ask, wait);
}
