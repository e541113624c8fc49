// What an officer types is saved while it is typed: <form data-draft="URL">. The form's own buttons save it too, so
// that without this file nothing is lost by them. A copy stays in this tab until the server has confirmed it.
"use strict";
for (const form of document.querySelectorAll("form[data-draft]")) {
  const status = form.querySelector("[data-draft-status]");
  const version = form.elements.version ? form.elements.version.value : "";
  const kept = `draft ${form.dataset.draft} ${form.dataset.of || ""}`;
  let edits = 0; // how often something changed
  let saved = 0; // how many of those changes the server has
  let timer = 0;
  let current = Promise.resolve(true);

  const say = (text) => {
    if (status) status.textContent = text;
  };
  const fields = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const keep = () => {
    try {
      sessionStorage.setItem(kept, JSON.stringify({ version, fields: fields() }));
    } catch {
      // no room or not allowed: the server's copy remains
    }
  };
  const send = async () => {
    const upTo = edits;
    try {
      const body = new FormData(form);
      if (form.dataset.of) body.set("draft_of", form.dataset.of);
      const answer = await fetch(form.dataset.draft, { method: "POST", body, credentials: "same-origin", keepalive: true });
      const { text } = await answer.json();
      say(text);
      if (!answer.ok) return false;
      saved = upTo;
      if (saved === edits) sessionStorage.removeItem(kept);
      return true;
    } catch {
      say(status ? status.dataset.offline : "");
      clearTimeout(timer);
      timer = setTimeout(save, 5000);
      return false;
    }
  };
  const save = () => {
    clearTimeout(timer);
    if (saved === edits) return current;
    current = current.then(() => (saved === edits ? true : send()));
    return current;
  };
  const changed = () => {
    edits += 1;
    keep();
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  };
  const restore = () => {
    let copy = null;
    try {
      copy = JSON.parse(sessionStorage.getItem(kept));
    } catch {
      return;
    }
    if (!copy || copy.version !== version) return sessionStorage.removeItem(kept);
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "submit") continue;
      const values = copy.fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length) [field.value] = values;
    }
    changed();
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // The form's own buttons save: nothing is left to keep.
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    clearTimeout(timer);
    saved = edits;
    sessionStorage.removeItem(kept);
  });
  // Other forms and links (language, theme, menus, F9) wait until what was typed is saved, but not for ever.
  const soon = () => Promise.race([save(), new Promise((done) => setTimeout(done, 1500))]);
  addEventListener("submit", (event) => {
    if (event.target === form || saved === edits) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    soon().then(() => {
      saved = edits;
      target.requestSubmit(submitter);
    });
  }, true);
  addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || link.target || saved === edits || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    soon().then(() => {
      saved = edits;
      location.assign(link.href);
    });
  }, true);
  addEventListener("pagehide", () => save());
  restore();
}
