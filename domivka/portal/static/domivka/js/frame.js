// Small comforts of the frame. Every page works without them.

for (const menu of document.querySelectorAll("details[data-menu]")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  tab.scrollIntoView({ inline: "center", block: "nearest" });
}

document.querySelector("[data-focus]")?.focus();

// A button pressed twice by a trembling hand sends its form once.
const TWICE_MS = 3000;
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.timeStamp - (sent.get(event.target) ?? -TWICE_MS) < TWICE_MS) event.preventDefault();
  else sent.set(event.target, event.timeStamp);
});

for (const toast of document.querySelectorAll("[data-toast]")) {
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const details of document.querySelectorAll("[data-dialog]")) {
  const cancel = details.querySelector("[data-cancel]");
  cancel.hidden = false;
  const close = () => {
    details.open = false;
    details.querySelector("summary").focus();
  };
  cancel.addEventListener("click", close);
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
}

for (const drop of document.querySelectorAll("[data-file-drop]")) {
  const input = drop.querySelector("input[type=file]");
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}


if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});
}
