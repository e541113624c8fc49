// Function keys for officers: a key presses the button or link that carries it (data-key="F2").
// A digit does so too (data-key="1"), unless somebody is typing.
// Every key is printed on its button; without this file the buttons work all the same. One key has one meaning on
// every screen; the table is in docs/handbook/README.md.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (!/^(F\d{1,2}|[1-9])$/.test(event.key)) return;
  if (event.key.length === 1 && event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  // The numbers of an open menu come first; those of a closed one are not on the screen.
  const inMenu = [...document.querySelectorAll(`details.menu[open] [data-key="${event.key}"]`)];
  const onScreen = [...document.querySelectorAll(`[data-key="${event.key}"]`)].filter((one) => !one.closest("details.menu:not([open]) > :not(summary)"));
  const target = inMenu[0] || onScreen[0];
  if (!target) return;
  event.preventDefault();
  if (target.disabled || target.getAttribute("aria-disabled") === "true") return;
  target.focus();
  target.click();
});
// A reason is one line, though it may wrap: Enter is the main button there too.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("textarea[data-enter]")) return;
  event.preventDefault();
  if (!event.repeat) event.target.form.requestSubmit(event.target.form.querySelector(".btn--main"));
});
// Enter in a list of choices is the main button of its form, too; while the list is open it chooses.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("select") || isOpen(event.target)) return;
  const main = event.target.form && [...event.target.form.elements].find((one) => one.matches(".btn--main"));
  if (!main) return;
  event.preventDefault();
  if (!event.repeat) event.target.form.requestSubmit(main);
});
const isOpen = (select) => {
  try {
    return select.matches(":open");
  } catch {
    return true; // a browser that cannot tell keeps its own meaning of Enter
  }
};
// Arrows lead from a search field to what it found, and back; a letter or a scan goes to the field again.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const field = document.querySelector("form.scan input[type=text]");
  const found = [...document.querySelectorAll("[data-results] a[href]")];
  const at = found.indexOf(document.activeElement);
  if (!field || !found.length || (at < 0 && document.activeElement !== field)) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    (found[Math.min(at + step, found.length - 1)] || field).focus();
  } else if (at >= 0 && event.key.length === 1 && event.key !== " ") field.focus();
});
// What only a script can do is shown only when there is one.
for (const button of document.querySelectorAll("button[data-print]")) button.addEventListener("click", () => print());
// A form that was sent once is not sent again by an impatient second Enter.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
// What moves by itself (data-refresh="15") is fetched again, but never from under somebody's hands.
for (const part of document.querySelectorAll("[data-refresh][id]")) {
  setInterval(async () => {
    if (document.hidden || part.contains(document.activeElement) || part.querySelector("details[open]")) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (fresh) part.replaceChildren(...fresh.childNodes);
    } catch {
      // no network: the last state stays until there is one
    }
  }, part.dataset.refresh * 1000);
}
