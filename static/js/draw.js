// Recomputes a published draw in the reader's own browser. docs/draw-proof.md says the same in words.
"use strict";
{
  const box = document.querySelector("[data-draw-check]");
  const bytes = (text) => new TextEncoder().encode(text);
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (one) => one.toString(16).padStart(2, "0")).join("");
  const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  const sha256 = async (text) => crypto.subtle.digest("SHA-256", bytes(text));
  const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  const line = (entry) =>
    [entry.code, entry.size, entry.weight, entry.group, [...entry.choices, ...(entry.any ? ["*"] : [])].join(",")].join("|");

  const numberOf = async (key, entry) => {
    let smallest = "g";
    for (let lot = 1; lot <= entry.weight; lot += 1) {
      const number = hex(await crypto.subtle.sign("HMAC", key, bytes(`${entry.code}:${lot}`)));
      if (number < smallest) smallest = number;
    }
    return smallest;
  };

  const rank = async (proof) => {
    const secret = await sha256(`${proof.seed}\n${proof.list_digest}\n${proof.public_value}`);
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const rows = [];
    for (const entry of proof.entries) rows.push({ entry, number: await numberOf(key, entry) });
    rows.sort((a, b) => byText(a.number, b.number) || byText(a.entry.code, b.entry.code));
    return rows.map((row) => row.entry);
  };

  const allocate = (order, round, slots) => {
    const left = new Map(Object.entries(round.places).map(([slot, count]) => [Number(slot), count]));
    const given = [];
    for (const entry of order) {
      if (entry.code in round.voids) continue;
      const others = entry.any ? slots.filter((slot) => slot.group === entry.group).map((slot) => slot.id) : [];
      const slot = [...entry.choices, ...others].find((id) => (left.get(id) || 0) >= entry.size);
      if (slot === undefined) continue;
      left.set(slot, left.get(slot) - entry.size);
      given.push({ entry: entry.code, slot });
    }
    return given;
  };

  const isTrue = async (proof, order) => {
    if (hex(await sha256(proof.seed)) !== proof.seed_hash || proof.seed_hash !== box.dataset.seedHash) return false;
    const head = `draw|${proof.window}|${proof.office}|${proof.first_day}|${proof.last_day}|${proof.seed_hash}`;
    const sorted = [...proof.entries].sort((a, b) => byText(a.code, b.code));
    const list = [head, ...sorted.map(line)].map((text) => `${text}\n`).join("");
    if (hex(await sha256(list)) !== proof.list_digest || proof.list_digest !== box.dataset.listDigest) return false;
    if (proof.beacon && hex(await crypto.subtle.digest("SHA-256", fromHex(proof.beacon.signature))) !== proof.public_value) return false;
    if (order.map((entry) => entry.code).join() !== proof.ranks.join()) return false;
    const hasWon = new Set();
    for (const round of proof.rounds) {
      const rest = order.filter((entry) => !hasWon.has(entry.code));
      const told = round.given.map((one) => `${one.entry} ${one.slot}`).join();
      if (allocate(rest, round, proof.slots).map((one) => `${one.entry} ${one.slot}`).join() !== told) return false;
      for (const one of round.given) hasWon.add(one.entry);
    }
    return proof.rounds.length > 0 && new Set(proof.ranks).size === proof.ranks.length;
  };

  const say = (...names) => {
    for (const text of box.querySelectorAll("[data-draw-say]")) text.hidden = !names.includes(text.dataset.drawSay);
  };

  const tellLine = (order, proof, code) => {
    const at = order.findIndex((entry) => entry.code === code);
    if (at < 0) return ["stranger"];
    box.querySelector("[data-draw-line]").textContent = `${line(order[at])} → ${at + 1}`;
    return ["line", proof.rounds.some((round) => round.given.some((one) => one.entry === code)) ? "won" : "lost"];
  };

  const run = async () => {
    say();
    try {
      const proof = await (await fetch(box.dataset.drawCheck, { headers: { Accept: "application/json" } })).json();
      const order = await rank(proof);
      const verdict = await isTrue(proof, order);
      const code = box.querySelector("input").value.toUpperCase().replace(/[^A-Z0-9]/g, "");
      say(String(verdict), ...(code ? tellLine(order, proof, code) : []));
    } catch {
      say("broken");
    }
  };

  if (box) {
    box.hidden = false;
    box.querySelector("[data-draw-run]").addEventListener("click", run);
  }
}
