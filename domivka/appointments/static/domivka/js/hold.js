// How long a chosen time is still held. Counts by the server's seconds, not by the clock of the device, which may be wrong.
const notice = document.querySelector("[data-hold]");
const still = matchMedia("(prefers-reduced-motion: reduce)");
const AT = [5, 2, 1]; // minutes at which it is said to those who listen
let said = Infinity;

function words(left) {
  const minutes = Math.ceil(left / 60);
  if (left <= 0) return notice.dataset.over;
  if (left <= 60 && still.matches) return notice.dataset.last;
  if (still.matches) return notice.dataset.minutes.replace("{}", minutes);
  return notice.dataset.left.replace("{}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
}

function show(ends) {
  const left = Math.max(Math.ceil((ends - performance.now()) / 1000), 0);
  const minutes = Math.ceil(left / 60);
  const timer = notice.querySelector("[data-timer]");
  const text = words(left);
  if (timer.textContent !== text) timer.textContent = text;
  timer.hidden = false;
  if (minutes < said && (AT.includes(minutes) || left === 0)) {
    notice.querySelector("[data-said]").textContent = left ? notice.dataset.minutes.replace("{}", minutes) : notice.dataset.over;
  }
  said = Math.min(said, minutes);
  if (left) setTimeout(show, 1000, ends);
}

if (notice && Number(notice.dataset.hold)) show(performance.now() + Number(notice.dataset.hold) * 1000);
