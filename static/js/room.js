// Keeps a waiting room's page true without reloading it. Without this file the page reloads itself.
"use strict";
{
  const root = document.querySelector("[data-room-poll]");
  const all = (selector) => root.querySelectorAll(selector);
  const language = document.documentElement.lang || "id";
  const figures = new Intl.NumberFormat(language);
  const clock = new Intl.DateTimeFormat(language, {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: root.dataset.roomZone,
  });
  const hour = (moment) => `${clock.format(moment).replace(":", ".")}\u00a0${root.dataset.roomZoneName}`;
  const put = (selector, text) => {
    for (const one of all(selector)) if (one.textContent !== text) one.textContent = text;
  };

  const waitWords = (seconds) => {
    if (seconds === null || seconds === undefined) return root.dataset.roomStill;
    if (seconds <= 30) return root.dataset.roomSoon;
    const minutes = Math.max(1, Math.floor((seconds + 30) / 60));
    return minutes === 1 ? root.dataset.roomOne : root.dataset.roomMany.replace("#", figures.format(minutes));
  };

  // the row of ticks: let in, ahead, you, behind
  const drawTicks = (told) => {
    const total = Math.max(1, told.waiting), size = 48;
    const shares = [told.let_in, told.ahead].map((count) => Math.min(size - 1, Math.floor((count * size) / total)));
    const you = Math.min(size - 1, shares[0] + shares[1]);
    const spans = { "is-taken": [0, shares[0]], "is-mid": [shares[0], you], "": [you, you + 1], "is-faint": [you + 1, size] };
    const row = root.querySelector("[data-room-ticks] svg");
    // drawn anew: the page was perhaps sent when nobody was ahead or behind, with no line for them
    row.replaceChildren(...Object.entries(spans).filter(([, [from, to]]) => to > from).map(([kind, [from, to]]) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      if (kind) path.setAttribute("class", kind);
      path.setAttribute("d", `M${from * 4} 6H${to * 4 - 1}`);
      return path;
    }));
  };

  const show = (told) => {
    const state = told.state === "none" ? root.dataset.roomState : told.state;
    const at = new Date(told.at || Date.now());
    for (const name of ["position", "waiting", "left", "places"]) {
      if (name in told) put(`[data-room="${name}"]`, figures.format(told[name]));
    }
    put("[data-room-wait]", waitWords(told.wait_seconds));
    if (typeof told.wait_seconds === "number") put("[data-room-due]", hour(new Date(at.getTime() + told.wait_seconds * 1000)));
    if (told.turn_ends_at) put("[data-room-until]", hour(new Date(told.turn_ends_at)));
    put("[data-room-at]", hour(at));
    if (state === "waiting") drawTicks(told);
    for (const part of all("[data-room-say]")) part.hidden = part.dataset.roomSay !== state;
    const part = root.querySelector(`[data-room-say="${state}"]`);
    const words = part ? part.querySelector("h2").textContent : "";
    if (state !== root.dataset.roomState) {
      root.dataset.roomState = state;
      put("[data-room-live]", words);
    }
    const rest = document.title.replace(/^.*? · (?=.* · )/, "");
    const front = state === "waiting" ? figures.format(told.position) : state === "admitted" ? words : "";
    document.title = front ? `${front} · ${rest}` : rest;
  };

  let failures = 0;
  let timer = 0;
  const ask = async () => {
    let again = Number(root.dataset.roomAgain) || 10;
    try {
      const answer = await fetch(root.dataset.roomPoll, { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      again = told.ask_again;
      failures = 0;
      show(told);
    } catch {
      failures += 1;
      again = Math.min(60, again * 2 ** Math.min(failures, 3));
    }
    for (const one of all("[data-room-lost]")) one.hidden = failures < 2;
    // not all in the same moment: each a little sooner or later
    timer = setTimeout(ask, again * 1000 * (0.7 + 0.6 * Math.random()));
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    clearTimeout(timer);
    ask();
  });
  timer = setTimeout(ask, Number(root.dataset.roomAgain) * 1000 * (0.3 + 0.7 * Math.random()) || 5000);
}
