// The street list while one types: an ARIA combobox over what htmx brings. Without scripts the form finds by a button.

const form = document.querySelector("[data-street-search]");
const input = form.querySelector("[data-combobox]");
const list = document.getElementById("street_options");
const found = form.querySelector("[data-found]");
let active = -1;

input.setAttribute("role", "combobox");
input.setAttribute("aria-autocomplete", "list");
input.setAttribute("aria-controls", list.id);
input.setAttribute("aria-expanded", "false");

const options = () => [...list.querySelectorAll("[role=option]")];

function close() {
  list.hidden = true;
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function activate(index) {
  const all = options();
  active = (index + all.length) % all.length;
  all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
  input.setAttribute("aria-activedescendant", all[active].id);
  all[active].scrollIntoView({ block: "nearest" });
}

function pick(option) {
  for (const radio of form.querySelectorAll("fieldset")) radio.remove();
  const street = document.createElement("input");
  street.type = "hidden";
  street.name = "street";
  street.value = option.dataset.value;
  input.value = option.textContent;
  form.append(street);
  form.requestSubmit();
}

list.addEventListener("htmx:afterSwap", () => {
  const count = options().length;
  active = -1;
  input.removeAttribute("aria-activedescendant");
  list.hidden = count === 0;
  input.setAttribute("aria-expanded", String(count > 0));
  found.textContent = count ? `${found.dataset.words} ${count}` : input.value.trim() ? found.dataset.none : "";
});

list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) pick(option);
});

input.addEventListener("keydown", (event) => {
  if (list.hidden) {
    if (event.key === "ArrowDown" && options().length) {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      activate(0);
      event.preventDefault();
    }
    return;
  }
  if (event.key === "ArrowDown") activate(active + 1);
  else if (event.key === "ArrowUp") activate(active < 0 ? -1 : active - 1);
  else if (event.key === "Enter" && active >= 0) pick(options()[active]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

input.addEventListener("blur", close);
