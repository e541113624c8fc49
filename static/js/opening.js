// Counts down to an opening by the server's clock and loads the page again at that moment. Without this file the page
// is loaded again by hand.
"use strict";
{
  const DAY = 86400000, LONGEST_WAIT = 2000;
  const timers = [...document.querySelectorAll("[data-opens-at]")].map((element) => ({
    element, opens: Date.parse(element.dataset.opensAt), ahead: Date.parse(element.dataset.now) - Date.now(),
  }));
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  const text = ({ days, time, soon }, left) => {
    if (left <= 0) return soon;
    if (left >= DAY) return days.replace("#", Math.floor(left / DAY));
    return time.replace("#", `${two(left / 3600000)}:${two((left / 60000) % 60)}:${two((left / 1000) % 60)}`);
  };
  const open = () => {
    const url = new URL(location.href);
    const chosen = [...document.querySelectorAll("[name=applicants]:checked")];
    if (chosen.length) url.searchParams.delete("who");
    for (const box of chosen) url.searchParams.append("who", box.value);
    if (url.href === location.href) location.reload();
    else location.replace(url);
  };
  const show = () => {
    const rest = timers.map(({ element, opens, ahead }) => {
      const left = opens - (Date.now() + ahead);
      element.textContent = text(element.dataset, left);
      element.hidden = false;
      return left;
    });
    // Not everyone in the same instant.
    if (Math.min(...rest) <= 0) setTimeout(open, Math.random() * LONGEST_WAIT);
    else setTimeout(show, 1000 - (Date.now() % 1000));
  };
  if (timers.length) show();
}
