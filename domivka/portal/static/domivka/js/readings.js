// The readings page: readings that survive a missing network.
import "./meters.js";
import { remove, save, send, waiting } from "./queue.js";

const form = document.querySelector("form[data-readings]");
const panel = document.querySelector("[data-queue]");

function notice(tone, title, lines, text) {
  const box = document.createElement("div");
  box.className = `notice ${tone}`;
  const inner = document.createElement("div");
  const head = document.createElement("p");
  head.className = "notice-title";
  head.textContent = title;
  inner.append(head);
  for (const line of [...lines, text].filter(Boolean)) {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    inner.append(paragraph);
  }
  box.append(inner);
  return box;
}

const own = (entry) => entry.url === location.pathname; // the form posts to its own page

async function show(results = []) {
  panel.replaceChildren();
  for (const { entry, answer } of results) {
    if (answer === "withdrawn") {
      panel.append(notice("warning", panel.dataset.refused, entry.words, panel.dataset.withdrawn));
      continue;
    }
    if (answer.taken) panel.append(notice("success", panel.dataset.sent, entry.words));
    if (answer.refused.length) {
      panel.append(notice("warning", panel.dataset.refused, answer.refused.map((one) => one.message)));
    }
  }
  for (const entry of (await waiting()).filter(own)) {
    const box = notice("warning", panel.dataset.waiting, entry.words, panel.dataset.waitingText);
    box.dataset.waitingEntry = entry.clientKey;
    panel.append(box);
  }
}

function fill(entry) {
  for (const [name, value] of entry.fields) {
    const field = form.elements.namedItem(name);
    if (field && name.startsWith("reading_")) field.value = value;
  }
}

let flushing = false;

/** Send everything that waits; show what became of it. */
async function flush() {
  if (flushing) return;
  flushing = true;
  try {
    const results = [];
    for (const entry of (await waiting()).filter(own)) {
      const answer = await send(entry);
      if (answer === "offline") break;
      if (answer === "signin") {
        panel.replaceChildren(notice("warning", panel.dataset.signin, entry.words));
        return;
      }
      await remove(entry.clientKey);
      if (form && answer !== "withdrawn" && answer.refused.length) fill(entry);
      results.push({ entry, answer });
    }
    if (results.length) await show(results);
  } finally {
    flushing = false;
  }
}

function entryOf() {
  const standalone = matchMedia("(display-mode: standalone)").matches;
  const fields = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  const words = [...form.querySelectorAll("[data-meter]")]
    .filter((meter) => meter.querySelector("[name^=reading_]").value.trim())
    .map((meter) => `${meter.querySelector(".meter-name").innerText.replace(/\s+/g, " ")}: ${meter.querySelector("[name^=reading_]").value.trim()}`);
  return {
    clientKey: form.elements.namedItem("client_key").value,
    url: form.getAttribute("action"),
    fields: fields.map(([name, value]) => [name, name === "channel" && standalone ? "app" : value]),
    words,
    typedAt: new Date().toISOString(),
  };
}

if (form) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.plain) return;
    event.preventDefault();
    const entry = entryOf();
    if (!entry.words.length) return form.submit();
    await save(entry); // before sending, so that nothing typed is lost
    const answer = await send({ ...entry, fields: [...entry.fields, ["announce", "1"]] });
    if (answer === "offline") {
      form.elements.namedItem("client_key").value = crypto.randomUUID ? crypto.randomUUID().replaceAll("-", "") : String(Date.now());
      await show();
      panel.scrollIntoView({ block: "center" });
      return;
    }
    await remove(entry.clientKey);
    if (answer === "withdrawn") {
      await show([{ entry, answer }]);
      panel.scrollIntoView({ block: "center" });
      return;
    }
    if (answer === "signin" || answer.refused.length || !answer.taken) form.submit(); // the page asks its question
    else location.assign(form.action);
  });

}

if (panel) {
  // without the form too: what waits may be of a helper who may only look now
  addEventListener("online", flush);
  setInterval(flush, 20000);
  show().then(flush);
}
