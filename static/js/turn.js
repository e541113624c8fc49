// Keeps the turn on a ticket page current from the public document of the board: the page knows its own number,
// the document is the same for everyone. Without this file the page loads itself again every 20 seconds.
"use strict";
{
  const root = document.querySelector("[data-turn-poll]");
  const words = root.dataset;
  const number = words.turnNumber;
  const EVERY = 5000, LONGEST_PAUSE = 60000;
  const language = document.documentElement.lang || "id";
  const one = (name) => root.querySelector(`[data-turn-${name}]`);
  const put = (element, text) => {
    if (element && element.textContent !== text) element.textContent = text;
  };
  const title = document.title;
  const skew = Date.parse(words.turnNow) - Date.now();
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: words.turnZone });
  const zone = (one("at")?.textContent || "").replace(/^[\d.]+/, "");

  const placeOf = (board, code) => board.halls.find((hall) => hall.code === code);
  const standing = (board) => {
    const call = board.calls.find((row) => row.number === number);
    if (call) return { state: call.is_called ? "called" : "serving", counter: call.counter, place: call.place, at: call.called_at };
    const person = board.waiting.find((row) => row.number === number);
    return person ? { state: "waiting", ahead: person.ahead, wait: person.wait, hall: placeOf(board, person.hall) } : null;
  };

  let lastCall = "";
  const show = (mine) => {
    for (const part of root.querySelectorAll("[data-turn-say]")) part.hidden = part.dataset.turnSay !== mine.state;
    if (mine.state === "waiting") {
      put(one("people"), mine.ahead ? words.turnAhead.replace("#", mine.ahead) : words.turnFirst);
      put(one("minutes"), mine.wait ? words.turnWait.replace("#", mine.wait.text) : words.turnClosed);
    } else {
      put(one("counter"), words.turnGo.replace("#", mine.counter));
      put(one("place"), mine.place);
    }
    document.title = mine.state === "called" ? `${words.turnGo.replace("#", mine.counter)} · ${title}` : title;
    if (mine.state === "called" && mine.at !== lastCall) {
      lastCall = mine.at;
      root.scrollIntoView({ block: "nearest" });
      navigator.vibrate?.([400, 200, 400, 200, 400]);
    }
    root.dataset.turnState = mine.state;
  };

  let failures = 0, missing = 0, timer = 0;
  const ask = async () => {
    clearTimeout(timer);
    try {
      const answer = await fetch(words.turnPoll, {
        cache: "no-cache", credentials: "omit", headers: { "Accept-Language": language }, signal: AbortSignal.timeout?.(10000),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const board = await answer.json();
      failures = 0;
      const mine = standing(board);
      if (mine) show(mine);
      missing = mine ? 0 : missing + 1;
      // Finished, or left: what comes next stands on the page itself.
      if (missing === 2) return location.reload();
      put(one("at"), clock.format(new Date(Date.now() + skew)).replace(":", ".") + zone);
    } catch {
      failures += 1;
    }
    one("lost").hidden = failures < 2;
    const pause = Math.min(LONGEST_PAUSE, EVERY * 2 ** Math.min(failures, 4));
    timer = setTimeout(ask, pause * (0.8 + 0.4 * Math.random()));
  };
  // Before the check-in the number is not known: the page itself is asked again now and then.
  if (number) ask();
  else timer = setTimeout(() => location.reload(), LONGEST_PAUSE);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && number) ask();
  });
}
