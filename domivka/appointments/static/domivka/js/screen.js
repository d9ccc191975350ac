// The screen of the hall: says who is called, shows the time, and that the network is gone.
// Once a call, when somebody has pressed the button (browsers let no page speak unasked).
const button = document.querySelector("[data-speak]");
const offline = document.querySelector("[data-offline]");
const clock = document.querySelector("[data-clock]");
const said = new Set();
let since = performance.now(); // when the server last said the time

function voice() {
  const language = document.documentElement.lang;
  return speechSynthesis.getVoices().find((one) => one.lang.toLowerCase().startsWith(language)) || null;
}

function announce() {
  for (const row of document.querySelectorAll("[data-call]")) {
    if (said.has(row.dataset.call)) continue;
    said.add(row.dataset.call);
    if (button.getAttribute("aria-pressed") !== "true") continue;
    const words = new SpeechSynthesisUtterance(row.dataset.say);
    words.lang = document.documentElement.lang;
    words.voice = voice();
    words.rate = 0.9; // a hall is loud
    speechSynthesis.speak(words);
  }
}

function tick() {
  const day = 24 * 3600;
  const seconds = (Number(document.getElementById("live").dataset.seconds) + Math.floor((performance.now() - since) / 1000)) % day;
  const text = [seconds / 3600, (seconds % 3600) / 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  if (clock.textContent !== text) clock.textContent = text;
}

function lost() {
  offline.hidden = false; // htmx asks again every three seconds
}

if ("speechSynthesis" in window) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
  });
}
announce(); // who was called before the screen was opened is not said again
tick();
setInterval(tick, 1000);
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.body.addEventListener(name, lost);
document.body.addEventListener("htmx:afterSwap", () => {
  offline.hidden = true;
  since = performance.now();
  announce();
});
