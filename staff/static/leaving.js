// <form data-guard>: whoever leaves with something unsaved is asked first.
for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = Boolean(form.dataset.dirty);
  let sending = false;
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("submit", () => (sending = true));
  addEventListener("pageshow", () => (sending = false));
  addEventListener("beforeunload", (event) => {
    if (dirty && !sending) event.preventDefault();
  });
}
