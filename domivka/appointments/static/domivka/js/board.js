// Keys of the day board: those that elements name in data-key. A tick turns them off, for whoever dictates by voice.
const row = document.querySelector("[data-keys]");
const NAME = "visits.keys";

function on() {
  try {
    return localStorage.getItem(NAME) !== "off";
  } catch {
    return true; // storage is forbidden: keys work until the page is left
  }
}

if (row) {
  const box = row.querySelector("input");
  row.hidden = false;
  box.checked = on();
  box.addEventListener("change", () => localStorage.setItem(NAME, box.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || !on() || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
  const found = document.querySelector(`[data-key="${event.code}"]`); // code, not key: it is the same in every layout
  if (!found) return;
  event.preventDefault();
  if (found.matches("select")) found.focus();
  else found.click();
});
