// Sorts the list of offices by their distance from this device. The position is read only after the button is
// pressed and never leaves the device. Without this file the list is sorted by the form.
"use strict";
{
  const box = document.querySelector("[data-near]");
  const list = document.querySelector("[data-near-list]");
  const offices = [...list.children].filter((row) => row.dataset.latitude);
  const status = box.querySelector("[role=status]");
  const radians = (degrees) => (Number(degrees) * Math.PI) / 180;
  const distance = (from, row) => {
    const [latitude, longitude] = [radians(row.dataset.latitude), radians(row.dataset.longitude)];
    const half = Math.sin((latitude - radians(from.latitude)) / 2) ** 2
      + Math.cos(radians(from.latitude)) * Math.cos(latitude) * Math.sin((longitude - radians(from.longitude)) / 2) ** 2;
    return 2 * 6371 * Math.asin(Math.sqrt(Math.min(1, half)));
  };
  const numbers = new Intl.NumberFormat(document.documentElement.lang || "id", { maximumFractionDigits: 0 });
  const sort = ({ coords }) => {
    const rows = offices.map((row) => [distance(coords, row), row]).sort((one, other) => one[0] - other[0]);
    for (const [kilometres, row] of [...rows].reverse()) {
      row.querySelector("[data-distance]").textContent = `${numbers.format(kilometres)}\u00a0km`;
      list.prepend(row);
    }
    status.textContent = box.dataset.nearDone;
  };
  if (navigator.geolocation && offices.length > 1) {
    box.hidden = false;
    box.querySelector("button").addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(sort, () => {
        status.textContent = box.dataset.nearRefused;
      }, { maximumAge: 600000, timeout: 15000 });
    });
  }
}
