// Keeps the progress of a scene up to date, and opens the demo's page when it is over. Without a
// script, the page has a "Refresh" link.
"use strict";
{
  const parts = [...document.querySelectorAll("[data-part]")];
  const look = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      if (answer.redirected) {
        location.replace(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const newer = page.querySelectorAll("[data-part]");
      parts.forEach((part, nth) => {
        if (newer[nth] && newer[nth].innerHTML !== part.innerHTML) part.innerHTML = newer[nth].innerHTML;
      });
    } catch {
      // the server restarts; the next look succeeds
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
}
