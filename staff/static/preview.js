// The drawn phone: a tap on an area that leads to another tab shows it at once.
const phone = document.querySelector("[data-phone]");
phone?.addEventListener("click", (event) => {
  const link = event.target.closest("[data-to]");
  if (!link) return;
  const tabs = [...phone.querySelectorAll("[data-phone-tab]")];
  const there = tabs.find((tab) => tab.dataset.phoneTab === link.dataset.to);
  if (!there) return;
  event.preventDefault();
  for (const tab of tabs) tab.hidden = tab !== there;
  there.querySelector("a")?.focus({ preventScroll: true });
});
