// Menus open and close by themselves; with this file one also closes by Escape,
// by a click elsewhere, and when the focus goes on.
"use strict";
for (const menu of document.querySelectorAll(".jobs details, details.menu")) {
  const close = (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  };
  document.addEventListener("click", close);
  document.addEventListener("focusin", close);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
