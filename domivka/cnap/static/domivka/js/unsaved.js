// Asks before a page with something typed and not saved is left. Forms say so themselves: data-unsaved.

let unsaved = false;

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  form.addEventListener("input", () => {
    unsaved = true;
  });
}
document.addEventListener("submit", () => {
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
