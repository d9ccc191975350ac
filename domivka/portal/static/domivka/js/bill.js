import "./meters.js";

// Live totals of the bill. Sums are whole kopiykas; the server computes them again in any case.

/** "1 264,70" → 126470; null when it is not a sum. */
export function kopiykas(text) {
  const plain = text.replace(/[\s\u00a0\u202f']/g, "").replace(",", ".");
  if (plain === "") return 0;
  const match = /^(\d{1,12})(?:\.(\d{0,2}))?$/.exec(plain);
  return match ? Number(match[1]) * 100 + Number((match[2] || "").padEnd(2, "0")) : null;
}

/** 126470 → "1 264,70" with no-break spaces. */
export function money(kop) {
  const whole = String(Math.floor(kop / 100)).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  return `${whole},${String(kop % 100).padStart(2, "0")}`;
}

const form = document.querySelector("form[data-bill]");
if (form) {
  const pay = form.querySelector("[data-pay]");
  const recalculate = form.querySelector("[data-recalculate]");
  recalculate.hidden = true;
  recalculate.disabled = true;

  const refresh = () => {
    let total = 0;
    for (const row of form.querySelectorAll("[data-row]")) {
      const tick = row.querySelector("input[name=pick]");
      const field = row.querySelector("[data-money]");
      const kop = kopiykas(field.value);
      row.classList.toggle("off", !tick.checked);
      field.toggleAttribute("aria-invalid", false);
      if (tick.checked && kop === null) field.setAttribute("aria-invalid", "true");
      if (tick.checked && kop !== null) total += kop;
    }
    form.querySelector("[data-total]").textContent = money(total);
    pay.textContent = pay.dataset.words.replace("{sum}", money(total));
    pay.disabled = total === 0;
  };

  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-money]")) {
      event.target.closest("[data-row]").querySelector("input[name=pick]").checked = kopiykas(event.target.value) !== 0;
    }
    refresh();
  });
  refresh();
}
