// Ticks the password rules while a new password is typed. Without scripts the rules are simply a list.

const tests = {
  length: (text) => [...text].length >= 8 && [...text].length <= 128,
  letters: (text) => /\p{Lu}/u.test(text) && /\p{Ll}/u.test(text),
  digits: (text) => /\p{Nd}/u.test(text),
};

for (const input of document.querySelectorAll("[data-password-rules]")) {
  const rules = document.querySelectorAll("[data-rules] [data-rule]");
  const show = () => {
    for (const rule of rules) {
      const done = tests[rule.dataset.rule](input.value);
      rule.classList.toggle("done", done);
      rule.querySelector("[data-done]").hidden = !done;
    }
  };
  input.addEventListener("input", show);
  show();
}
