// Keys of a queue, always with Alt, so that they never get into the way of typing. The page tells them under «Клавіші».

const links = [...document.querySelectorAll("[data-row]")];
const tick = (link) => link?.closest("tr").querySelector("input[type=checkbox]");
const current = () => links.find((link) => link.closest("tr").contains(document.activeElement));

function step(by) {
  const at = links.indexOf(current());
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next]?.focus();
}

const keys = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyX: () => tick(current())?.click(),
  KeyT: () => document.querySelector("[data-take]")?.click(),
  KeyN: () => document.querySelector("[data-search]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !(event.code in keys)) return;
  event.preventDefault();
  keys[event.code]();
});
