// What every page of the staff site does a little better with JavaScript; nothing needs it.

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// An open fold closes with Escape, and gives the focus back to what opened it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const fold = document.activeElement?.closest("details[open]");
  if (!fold) return;
  fold.open = false;
  fold.querySelector("summary").focus();
});

// <button data-copies="#id">: what the input of that id holds goes to the clipboard.
for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copies).value);
    button.textContent = button.dataset.done;
  });
}
