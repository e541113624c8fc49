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

  // Tickets from before the opening are ordered by lot. The rule is that of quotas/waiting_room/order.py; anyone can check it.
  const lotOf = async (seed, code) => {
    const bytes = (text) => new TextEncoder().encode(text);
    const key = await crypto.subtle.importKey("raw", bytes(seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(code)));
    const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return parseInt(hex.slice(0, 13), 16) / 16 ** 13;
  };
  let lot = null;
  const ownPosition = async (room) => {
    if (joinedLate) return Number(root.dataset.roomPosition);
    lot ??= await lotOf(room.seed, root.dataset.roomCode);
    if (!room.lots_before.length) return lot * room.early;
    const part = Math.floor(lot * 100);
    const [before, after] = [room.lots_before[part], room.lots_before[part + 1]];
    return before + (after - before) * (lot * 100 - part);
  };
  // The page was sent after the opening: the server has computed the position already.
  const joinedLate = "roomPosition" in root.dataset;

  // What the public status means for the ticket of this page.
  const ownStatus = async (room) => {
    if (!root.dataset.roomCode || ["none", "over", "sold_out"].includes(room.state)) return room;
    if (new Date(room.at) < new Date(room.opens_at)) return { ...room, state: "early", waiting: Math.max(1, room.waiting) };
    const place = await ownPosition(room);
    // The turn began when the watermark passed this position. The server checks it when somebody books.
    if (!root.dataset.roomEnds && place < room.watermark) {
      const since = room.rate ? ((room.watermark - place) / room.rate) * 1000 : 0;
      const ends = new Date(room.at).getTime() - since + Number(root.dataset.roomTurn) * 1000;
      root.dataset.roomEnds = new Date(ends).toISOString();
    }
    const ends = root.dataset.roomEnds;
    if (ends) return { ...room, state: new Date(room.at) < new Date(ends) ? "admitted" : "lapsed", turn_ends_at: ends };
    const wait = room.rate ? Math.ceil((place - room.watermark) / room.rate) : null;
    return {
      ...room, state: "waiting", position: Math.floor(place) + 1, wait_seconds: wait,
      waiting: Math.max(room.waiting, Math.floor(place) + 1),
      let_in: Math.min(Math.floor(room.watermark), room.waiting), ahead: Math.max(0, Math.ceil(place - room.watermark)),
      ask_again: wait !== null && wait <= 60 ? 4 : room.ask_again,
    };
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
      // Without cookies: the answer is the same for everyone, and a proxy may give all of them one copy.
      const answer = await fetch(root.dataset.roomPoll, { cache: "no-cache", credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await ownStatus(await answer.json());
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
