// Keeps the progress of a scene up to date, and opens the demo's page when it is over. Without a
// script, the page has a "Refresh" link.
"use strict";
{
  const box = document.querySelector("[data-progress]");
  const look = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      if (answer.redirected) {
        location.replace(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const newer = page.querySelector("[data-progress]");
      if (newer && newer.innerHTML !== box.innerHTML) box.innerHTML = newer.innerHTML;
    } catch {
      // the server restarts; the next look succeeds
    }
    setTimeout(look, 1000);
  };
  if (box) setTimeout(look, 1000);
}
