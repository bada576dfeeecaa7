// <form data-guard>: whoever leaves with something unsaved is asked first. What was typed before
// this ran counts as well; such a form is marked with data-early, for the scripts after this one.

// Whether it says something else than the page came with.
function isChanged(field) {
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) {
    const came = [...field.options].findLastIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(came, 0);
  }
  if (field.defaultValue === undefined) return false;
  const plain = field.cloneNode(true); // writes a colour or a number the way the browser does
  plain.value = field.defaultValue;
  return plain.value !== field.value;
}

for (const form of document.querySelectorAll("form[data-guard]")) {
  const early = [...form.elements].some(isChanged);
  if (early) form.dataset.early = "1";
  let dirty = early || Boolean(form.dataset.dirty);
  let sending = false;
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("submit", () => (sending = true));
  addEventListener("pageshow", () => (sending = false));
  addEventListener("beforeunload", (event) => {
    if (dirty && !sending) event.preventDefault();
  });
}
