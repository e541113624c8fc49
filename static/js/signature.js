// The collector's signature, written with a finger, pen or mouse. Without this file the form works without one.
"use strict";
for (const part of document.querySelectorAll("[data-signature]")) {
  const canvas = part.querySelector("canvas");
  const field = part.querySelector("input");
  const pen = canvas.getContext("2d");
  let isDown = false;
  part.hidden = false;
  pen.lineWidth = 3;
  pen.lineCap = "round";
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    isDown = false;
    field.value = canvas.toDataURL("image/png");
  });
  part.querySelector("[data-clear]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    field.value = "";
  });
}
