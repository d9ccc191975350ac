// Says aloud who is called, once a call, when somebody has pressed the button (browsers let no page speak unasked).
const button = document.querySelector("[data-speak]");
const said = new Set();

function announce() {
  for (const row of document.querySelectorAll("[data-call]")) {
    if (said.has(row.dataset.call)) continue;
    said.add(row.dataset.call);
    if (button.getAttribute("aria-pressed") !== "true") continue;
    const words = new SpeechSynthesisUtterance(row.dataset.say);
    words.lang = document.documentElement.lang;
    speechSynthesis.speak(words);
  }
}

if ("speechSynthesis" in window) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
  });
}
announce(); // who was called before the screen was opened is not said again
document.body.addEventListener("htmx:afterSwap", announce);
