// Opens a LIFF page over the chat as a sheet, and closes it when its × is tapped or the page asks for it.

import { el, icon, isolate } from "./dom.js";
import { t } from "./text.js";

const SIZES = ["full", "tall", "compact"];

export function createLiffView(host, hooks) {
  let sheet = null;
  let frame = null;
  let returnTo = null;
  let release = null;

  function open(url, size = viewOf(url)) {
    close(true);
    returnTo = document.activeElement;
    const name = `LINE:${hooks.language()}`; // how the SDK's stand-in learns what language the phone speaks
    frame = el("iframe", { src: url, title: "LIFF", name, allow: "clipboard-write; clipboard-read" });
    const quit = el(
      "button",
      { type: "button", class: "sheet-close", "aria-label": t("close"), onclick: () => close() },
      icon("close"),
    );
    sheet = el(
      "div",
      { class: `sheet ${size}`, role: "dialog", "aria-label": "LIFF", "aria-modal": "true" },
      el("div", { class: "sheet-shade", onclick: () => close() }),
      el(
        "div",
        { class: "sheet-page" },
        el("div", { class: "sheet-bar" }, el("span", { class: "sheet-side" }), title(url), quit),
        el("div", { class: "sheet-progress" }),
        frame,
      ),
    );
    frame.addEventListener("load", () => sheet?.classList.add("loaded"));
    sheet.addEventListener("keydown", (event) => event.key === "Escape" && close());
    host.append(sheet);
    release = isolate(host.parentElement, host, ...hooks.above);
    void sheet.offsetHeight;
    sheet.classList.add("open");
    quit.focus({ preventScroll: true });
    hooks.opened(hostOf(url));
  }

  function title(url) {
    return el("span", { class: "sheet-title" }, el("strong", {}, hooks.name()), el("small", {}, hostOf(url)));
  }

  function close(silent = false) {
    if (!sheet) return;
    const leaving = sheet;
    sheet = null;
    frame = null;
    leaving.classList.remove("open");
    leaving.inert = true;
    release();
    const gone = () => leaving.remove();
    if (silent || matchMedia("(prefers-reduced-motion: reduce)").matches) gone();
    else setTimeout(gone, 320);
    if (returnTo?.isConnected) returnTo.focus({ preventScroll: true });
    if (!silent) hooks.closed();
  }

  // Only the page in the sheet is listened to, whoever else posts messages here.
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow) return;
    const message = event.data ?? {};
    if (message.type === "liff:close") close();
    if (message.type === "liff:open-window" && typeof message.url === "string")
      hooks.openWindow(message.url, Boolean(message.external));
    if (message.type === "liff:request-friendship") answer(event.source, hooks.befriend());
  });

  function answer(page, friendship) {
    friendship.then((friend) => page.postMessage({ type: "liff:friendship", friend }, "*"));
  }

  return { open, close };
}

// How tall the page wants to be stands in the context token that LINE puts into the hash.
function viewOf(url) {
  const token = new URLSearchParams(url.split("#")[1] ?? "").get("context_token");
  try {
    const said = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    return SIZES.includes(said.viewType) ? said.viewType : "full";
  } catch {
    return "full";
  }
}

function hostOf(url) {
  try {
    return new URL(url, location.href).host;
  } catch {
    return url;
  }
}
