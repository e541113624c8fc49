// The public site works without this file; with it, it is a little kinder.
"use strict";
{
  // a button that repeats what was chosen: <button data-choice="slot">Lanjut</button>
  for (const button of document.querySelectorAll("button[data-choice]")) {
    const plain = button.textContent;
    const show = () => {
      const chosen = document.querySelector(`input[name="${button.dataset.choice}"]:checked`);
      const words = chosen && chosen.closest("label") && chosen.closest("label").querySelector("b");
      button.textContent = words ? `${plain}, ${words.textContent}` : plain;
    };
    document.addEventListener("change", show);
    show();
  }
  // one press, one request
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "get") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
  // what only a script can do is shown only when there is one
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  for (const button of document.querySelectorAll("button[data-needs]")) {
    button.hidden = !(button.dataset.needs in window);
  }
  for (const button of document.querySelectorAll("button[data-show]")) {
    const input = document.getElementById(button.dataset.show);
    const show = (on) => {
      input.type = on ? "text" : "password";
      button.textContent = on ? button.dataset.shown : button.dataset.hidden;
    };
    button.addEventListener("click", () => show(input.type === "password"));
    // never sent, nor kept by the browser, as plain text
    input.form.addEventListener("submit", () => show(false));
  }
  // the ticket without a network
  if ("serviceWorker" in navigator && document.documentElement.dataset.worker) {
    navigator.serviceWorker.register(document.documentElement.dataset.worker).catch(() => {});
    addEventListener("online", () => navigator.serviceWorker.controller?.postMessage("online"));
  }
}
