// Asks before a page with something typed and not saved is left. Forms say so themselves: data-unsaved.

let unsaved = false;

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  form.addEventListener("input", () => {
    unsaved = true;
  });
}
document.addEventListener("submit", (event) => {
  if (event.target.method === "post") unsaved = false; // a form that only looks something up leaves the page, too
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
