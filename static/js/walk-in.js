// The form for a person without a booking: one key for the lane, birth date and sex from the NIK, and
// the priority reason that the birth date proves. Without this file the server does the same on Enter.
"use strict";
const form = document.getElementById("tanpa-jadwal");
if (form) {
  const one = (name) => form.elements.namedItem(name);
  const boxes = () => ["birth_date_day", "birth_date_month", "birth_date_year"].map(one);
  const today = form.dataset.today.split("-").map(Number);
  const nik = one("nik");
  let filled = "";

  const choose = (name, value) => {
    const radio = form.querySelector(`input[name="${name}"][value="${value}"]`);
    if (radio && !radio.disabled) radio.checked = true;
    return Boolean(radio && radio.checked);
  };
  const isPast = (year, month, day) =>
    [today[0] - year, today[1] - month, today[2] - day].reduce((first, step) => first || step, 0) >= 0;
  const read = (text) => {
    const digits = text.replace(/[\s.-]/g, "");
    if (!/^\d{16}$/.test(digits)) return null;
    const raw = Number(digits.slice(6, 8));
    const day = raw > 40 ? raw - 40 : raw;
    const month = Number(digits.slice(8, 10));
    const short = Number(digits.slice(10, 12));
    const year = isPast(2000 + short, month, day) ? 2000 + short : 1900 + short;
    return { day, month, year, short, sex: raw > 40 ? "female" : "male" };
  };
  const born = () => {
    const [day, month, year] = boxes().map((box) => Number(box.value));
    return day && month && year > 1000 ? { day, month, year } : null;
  };
  const propose = () => {
    const at = born();
    if (!at || !isPast(at.year, at.month, at.day)) return;
    const had = today[1] > at.month || (today[1] === at.month && today[2] >= at.day);
    const years = today[0] - at.year - (had ? 0 : 1);
    const code = years < 5 ? "under_5" : years >= 60 ? "aged_60" : "";
    const proposed = one("proposed");
    const note = document.getElementById("usul");
    if (!code || !form.querySelector(`input[name="reason"][value="${code}"]`)) {
      note.hidden = true;
      return;
    }
    if (proposed.value === code || !choose("lane", "priority")) return;
    choose("reason", code);
    proposed.value = code;
    note.hidden = false;
  };
  const compare = () => {
    const encoded = nik && read(nik.value);
    const at = born();
    const sex = form.querySelector('input[name="sex"]:checked');
    const differs =
      encoded && ((at && (at.day !== encoded.day || at.month !== encoded.month || at.year % 100 !== encoded.short)) || (sex && sex.value !== encoded.sex));
    document.getElementById("nik-beda").hidden = !differs;
  };
  if (nik) {
    nik.addEventListener("input", () => {
      const encoded = read(nik.value);
      const now = boxes().map((box) => box.value).join(" ");
      if (encoded && (now.trim() === "" || now === filled)) {
        const values = [encoded.day, encoded.month, encoded.year].map(String);
        boxes().forEach((box, place) => { box.value = values[place]; });
        filled = values.join(" ");
        choose("sex", encoded.sex);
        propose();
      }
      compare();
    });
  }
  form.addEventListener("change", (event) => {
    if (event.target.name.startsWith("birth_date")) propose();
    if (event.target.name !== "lane" && event.target.name !== "reason") compare();
  });
  // One key: the letter of the lane, or the number of the reason, while that group has the focus.
  form.addEventListener("keydown", (event) => {
    const group = event.target.closest("#jalur, #alasan");
    if (!group || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
    const number = one("nik") || one("identity_number");
    const radio = group.querySelector(`input[data-letter="${event.key.toUpperCase()}"]`);
    if (radio && !radio.disabled) {
      event.preventDefault();
      radio.checked = true;
      const next = radio.value === "priority" ? form.querySelector("#alasan input") : number;
      next.focus();
    } else if (group.id === "jalur" && /\d/.test(event.key)) {
      number.focus(); // a card reader types the number at once
    }
  });
}
