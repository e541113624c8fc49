// The progress of a file on its way, and a sentence when the network breaks; the chosen file stays in the form, which
// can be sent again: <form data-upload="address of the list">. Without this file the browser sends the form.
"use strict";
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.dataset.upload || !form.querySelector("[type=file]").files.length) return;
    event.preventDefault();
    const button = form.querySelector("button");
    const bar = form.querySelector("progress");
    const status = form.querySelector("[role=status]");
    const wait = (isSending, text) => {
      button.disabled = isSending;
      bar.hidden = !isSending;
      status.textContent = text;
    };
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = total ? (100 * loaded) / total : 0;
    });
    request.addEventListener("error", () => wait(false, form.dataset.offline));
    request.addEventListener("load", () => {
      const { pathname } = new URL(request.responseURL);
      if (request.status !== 200 && request.status !== 400) {
        wait(false, form.dataset.busy);
        return;
      }
      if (!pathname.startsWith(form.dataset.upload)) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.title = page.title;
      history.replaceState(null, "", request.responseURL);
      const shown = document.querySelector("main [role=alert], main h1");
      shown.tabIndex = -1;
      shown.focus();
      scrollTo(0, 0);
    });
    wait(true, form.dataset.sending);
    request.open("POST", form.action);
    request.send(new FormData(form));
  },
  true,
);
