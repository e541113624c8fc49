// A kiosk by touch and by scanner: the code's box keeps the keys, a pad of letters types into it, and whatever a
// person leaves on the screen is cleared. Without this file a keyboard and a scanner work all the same.
"use strict";
{
  const body = document.body;
  const box = document.querySelector("[data-scan]");
  const start = () => location.replace(body.dataset.start);
  const IDLE = 30000; // for a code that nobody finishes

  if (box) {
    const pad = document.querySelector("[data-pad]");
    pad.hidden = false;
    box.inputMode = "none"; // the pad is the keyboard of a touch screen
    pad.addEventListener("click", (event) => {
      const key = event.target.closest("button");
      if (!key) return;
      if ("keyBack" in key.dataset) box.value = box.value.slice(0, -1);
      else if (box.value.length < box.maxLength) box.value += key.dataset.keyOf;
      touched();
    });
    // A scanner types wherever the focus is: letters and digits go to the box.
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1 || event.key === " ") return;
      if (document.activeElement !== box) box.focus();
    });
    box.focus({ preventScroll: true });
  }

  let idle = 0;
  const touched = () => {
    clearTimeout(idle);
    if (box && box.value) idle = setTimeout(() => { box.value = ""; start(); }, IDLE);
  };
  document.addEventListener("input", touched);

  // A result, an error and another language stay for some seconds, longer while somebody does something.
  const seconds = Number(body.dataset.clear);
  let clearing = 0;
  const clearLater = () => {
    clearTimeout(clearing);
    if (seconds) clearing = setTimeout(start, seconds * 1000);
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, clearLater);
  clearLater();
  // Never out of the browser's memory: the page before could be another person's.
  addEventListener("pageshow", (event) => { if (event.persisted) start(); });
}
