// Consumption under each meter's field while a reading is typed, wherever the component meter-input stands.

function number(text) {
  const plain = text.replace(/[\s\u00a0]/g, "").replace(",", ".");
  return plain !== "" && /^\d+(\.\d*)?$/.test(plain) ? Number(plain) : null;
}

for (const meter of document.querySelectorAll("[data-meter]")) {
  const live = meter.querySelector("[data-used]");
  const field = meter.querySelector("[name^=reading_]");
  if (!field) continue;
  const refresh = () => {
    const value = number(field.value);
    const used = value === null ? null : Math.round((value - Number(meter.dataset.previous)) * 1000) / 1000;
    live.textContent = used === null || used < 0 ? "" : live.dataset.words.replace("{used}", String(used).replace(".", ","));
  };
  field.addEventListener("input", refresh);
  refresh();
}
