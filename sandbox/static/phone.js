// New messages appear by themselves; without this script the page is refreshed by its link.
const inbox = document.getElementById("inbox");

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("inbox");
    if (fresh && fresh.innerHTML !== inbox.innerHTML) inbox.innerHTML = fresh.innerHTML;
  } catch {
    // the sandbox is restarting: try again at the next turn
  }
}

setInterval(refresh, 1500);
