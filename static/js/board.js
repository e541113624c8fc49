// Keeps a board current: asks for its public document every two seconds, shows it, and calls new numbers aloud.
// Without this file the page loads itself again every 20 seconds.
"use strict";
{
  const board = document.body;
  const words = board.dataset;
  const one = (name) => board.querySelector(`[data-${name}]`);
  const EVERY = 2000, LONGEST_PAUSE = 30000, STALE_AFTER = 12000, NEWS_TURN = 9000, SHORTEST_CALL = 5000, LONGEST_CALL = 20000;
  const language = document.documentElement.lang || "id";
  // Without cookies it is the copy that everyone gets; so the language is named in the header.
  const REQUEST = { cache: "no-cache", credentials: "omit", headers: { "Accept-Language": language } };

  // --- the office's clock: the page says its time, the device only counts on ---
  let skew = Date.parse(words.now) - Date.now();
  const officeTime = () => new Date(Date.now() + skew);
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: words.zone });
  const dayOf = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "short", timeZone: words.zone });
  const hour = (moment) => clock.format(moment).replace(":", ".");
  const put = (element, text) => {
    if (element.textContent !== String(text)) element.textContent = text;
  };
  let day = dayOf.format(officeTime());
  setInterval(() => {
    put(one("clock"), hour(officeTime()));
    const today = dayOf.format(officeTime());
    if (today !== day) put(one("day"), (day = today));
  }, 1000);

  // --- sound ---
  let audio = null;
  const voice = () => ("speechSynthesis" in window ? speechSynthesis.getVoices().find((one_) => /^id\b/i.test(one_.lang)) : undefined);
  // Short files made at build time (`make sounds`), if there are any: words of a call -> file.
  let index = null;
  const buffers = new Map();
  const loadIndex = async () => {
    try {
      const answer = await fetch(`${words.sounds}sounds.json`, { credentials: "omit" });
      if (answer.ok) index = await answer.json();
    } catch {
      // no files or no network: the device's own voice remains
    }
  };
  const wordsOf = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, " ").split(/\s+/).filter(Boolean);
  // The files of a call: of letter, number and counter, and of the hall and floor if they have files too.
  const filesOf = (text) => {
    const parts = text.split(",").map(filesOfPart);
    return parts.slice(0, 3).every(Boolean) ? parts.filter(Boolean).flat() : null;
  };
  // The longest known words first; null if a word has no file.
  const filesOfPart = (text) => {
    const all = wordsOf(text), files = [];
    for (let at = 0; at < all.length; ) {
      let end = all.length;
      while (end > at && !index[all.slice(at, end).join(" ")]) end -= 1;
      if (end === at) return null;
      files.push(index[all.slice(at, end).join(" ")]);
      at = end;
    }
    return files;
  };
  const bufferOf = (file) => {
    if (!buffers.has(file)) {
      const load = fetch(words.sounds + file, { credentials: "omit" })
        .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(file))))
        .then((bytes) => audio.decodeAudioData(bytes));
      load.catch(() => buffers.delete(file));
      buffers.set(file, load);
    }
    return buffers.get(file);
  };
  const play = (buffer) => new Promise((done) => {
    const source = audio.createBufferSource();
    source.buffer = buffer;
    source.connect(audio.destination);
    source.onended = done;
    source.start();
    setTimeout(done, buffer.duration * 1000 + 500);
  });
  // True if the call was played from files.
  const playCall = async (text) => {
    const files = index && isOn() && filesOf(text);
    if (!files) return false;
    try {
      const parts = await Promise.all(files.map(bufferOf));
      for (const part of parts) await play(part);
      return true;
    } catch {
      return false;
    }
  };
  const isOn = () => audio !== null && audio.state === "running";
  const showSound = () => {
    const state = !isOn() ? "off" : index || voice() ? "voice" : "chime";
    const line = one("sound");
    line.className = `sound sound--${state}`;
    put(one("sound-text"), { off: words_(line, "Off"), voice: words_(line, "Voice"), chime: words_(line, "Chime") }[state]);
    one("sound-start").hidden = isOn() || !("AudioContext" in window);
  };
  const words_ = (line, state) => line.dataset[`sound${state}`];
  const tone = (frequency, from, length) => {
    const source = audio.createOscillator(), level = audio.createGain();
    source.frequency.value = frequency;
    level.gain.setValueAtTime(0, from);
    level.gain.linearRampToValueAtTime(0.5, from + 0.03);
    level.gain.exponentialRampToValueAtTime(0.001, from + length);
    source.connect(level).connect(audio.destination);
    source.start(from);
    source.stop(from + length);
  };
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const chime = async () => {
    if (!isOn()) return;
    tone(660, audio.currentTime, 0.9);
    tone(528, audio.currentTime + 0.45, 1.2);
    await wait(1500);
  };
  const speak = async (text) => (await playCall(text)) || speakByDevice(text);
  const speakByDevice = (text) => new Promise((done) => {
    const own = isOn() && voice();
    if (!own) return done();
    const sentence = new SpeechSynthesisUtterance(text);
    sentence.voice = own;
    sentence.lang = own.lang;
    sentence.rate = 0.9;
    sentence.onend = sentence.onerror = done;
    speechSynthesis.speak(sentence);
    setTimeout(done, LONGEST_CALL);
  });
  const startSound = async () => {
    if (!("AudioContext" in window)) return;
    audio ??= new AudioContext();
    audio.onstatechange = showSound;
    await Promise.race([Promise.all([audio.resume(), index || loadIndex()]), wait(1500)]);
    showSound();
  };
  one("sound-start").addEventListener("click", async () => {
    await startSound();
    if (!isOn()) return;
    localStorage.setItem("board-sound", "on");
    chime();
  });
  if ("speechSynthesis" in window) speechSynthesis.addEventListener("voiceschanged", showSound);
  showSound();
  // After a restart a screen that had sound tries again; where the browser wants a touch first, the button stays.
  if (localStorage.getItem("board-sound") === "on") startSound();

  // --- what is shown ---
  let shown = null;
  const panel = one("call");
  const showCall = (call, isNew) => {
    panel.classList.toggle("call--now", Boolean(call && (call.is_called || isNew)));
    panel.classList.toggle("call--new", isNew);
    const heading = call ? (call.is_called || isNew ? words.please : words.last) : shown.state_text || words.none;
    put(one("call-word"), heading);
    put(one("call-number"), call ? call.number : "");
    one("call-to").hidden = !call;
    put(one("call-counter"), call ? call.counter : "");
    one("call-place").hidden = !call || !words.floors;
    put(one("call-place"), call && words.floors ? call.place : "");
  };
  const element = (name, ...children) => {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  };
  const row = (call) => {
    const place = element("span", `${words.counter} `, element("b", String(call.counter)));
    if (words.floors) place.append(" ", element("small", `${words.floor} ${call.floor}`));
    const line = element("li", `${call.number} `, place);
    if (call.is_called) line.className = "is-called";
    return line;
  };
  const showLists = () => {
    one("past").replaceChildren(...shown.calls.slice(1, 6).map(row));
    put(one("out-of-order"), shown.out_of_order_today);
    one("coming").replaceChildren(...shown.waiting.slice(0, 3).map((person) => element("span", person.number)));
  };

  // --- calls, one after the other ---
  const keyOf = (call) => `${call.number} ${call.called_at}`;
  let called = null; // the calls of the first document are not new
  const queue = [];
  let isCalling = false;
  const callAll = async () => {
    if (isCalling) return;
    isCalling = true;
    while (queue.length) {
      const call = queue.shift();
      showCall(call, true);
      const since = Date.now();
      await chime();
      await speak(call.spoken);
      await wait(Math.max(0, SHORTEST_CALL - (Date.now() - since)));
    }
    isCalling = false;
    showCall(shown.calls[0], false);
  };
  const show = (answer) => {
    shown = answer;
    const fresh = called ? shown.calls.filter((call) => call.is_called && !called.has(keyOf(call))) : [];
    called = new Set(shown.calls.map(keyOf));
    for (const call of fresh) {
      // The office's clock can be ahead of this page's: a demo moves it.
      skew = Math.max(skew, Date.parse(call.called_at) - Date.now());
      queue.push(call);
    }
    queue.sort((first, second) => Date.parse(first.called_at) - Date.parse(second.called_at));
    showLists();
    if (queue.length) callAll();
    else if (!isCalling) showCall(shown.calls[0], false);
  };

  // --- the news line: what the document says, or since when nothing arrives ---
  let since = Date.now(), lost = false, turn = 0;
  const news = board.querySelector(".news");
  const showNews = () => {
    news.classList.toggle("news--stale", lost);
    if (lost) put(one("news-text"), words.stale.replace("#", hour(new Date(since + skew))));
    else if (shown) put(one("news-text"), shown.news.length ? shown.news[turn % shown.news.length] : shown.state_text);
  };
  setInterval(() => {
    turn += 1;
    showNews();
  }, NEWS_TURN);

  // --- asking ---
  let failures = 0, timer = 0, last = "";
  const ask = async () => {
    clearTimeout(timer);
    const guard = new AbortController();
    const limit = setTimeout(() => guard.abort(), 8000);
    try {
      const answer = await fetch(words.poll, { ...REQUEST, signal: guard.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (text !== last) show(JSON.parse(text));
      last = text;
      since = Date.now();
      failures = 0;
      lost = false;
    } catch {
      failures += 1;
      lost = Date.now() - since > STALE_AFTER;
    }
    clearTimeout(limit);
    showNews();
    // Never sooner than every two seconds; longer pauses while nobody answers. Not all screens in the same moment.
    const pause = Math.min(LONGEST_PAUSE, EVERY * 2 ** Math.min(failures, 4));
    timer = setTimeout(ask, pause * (1 + 0.3 * Math.random()));
  };
  setInterval(() => {
    lost = lost || Date.now() - since > STALE_AFTER;
    showNews();
  }, 1000);
  addEventListener("online", ask);
  ask();
}
