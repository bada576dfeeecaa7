// Small windows inside the phone: choosing a date or time, leaving for a link, the settings of a chat; and toasts.

import { el, isolate } from "./dom.js";
import { t } from "./text.js";

let host = null;
let toaster = null;

export function placeDialogs(dialogHost, toastHost) {
  host = dialogHost;
  toaster = toastHost;
}

// Shows a dialog and resolves with what was chosen, or null when it was dismissed.
export function ask(title, content, buttons) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const release = isolate(host.parentElement, host, toaster);
    const done = (value) => {
      window.removeEventListener("keydown", escape);
      release();
      box.remove();
      if (before?.isConnected) before.focus({ preventScroll: true });
      resolve(value);
    };
    const escape = (event) => event.key === "Escape" && done(null);
    const actions = buttons.map(({ label, value, kind, href }) =>
      el(
        href ? "a" : "button",
        {
          class: `dialog-button ${kind ?? ""}`,
          type: href ? undefined : "button",
          href,
          target: href && "_blank",
          rel: href && "noopener",
          onclick: () => done(typeof value === "function" ? value() : value),
        },
        label,
      ),
    );
    const box = el(
      "div",
      { class: "dialog", onclick: (event) => event.target === box && done(null) },
      el(
        "div",
        { class: "dialog-box", role: "dialog", "aria-modal": "true", "aria-label": title },
        el("h2", {}, title),
        content,
        el("div", { class: "dialog-buttons" }, actions),
      ),
    );
    window.addEventListener("keydown", escape);
    host.append(box);
    (box.querySelector("input") ?? actions[0]).focus({ preventScroll: true });
  });
}

const INPUTS = { date: "date", time: "time", datetime: "datetime-local" };

// Resolves with LINE's params of a datetimepicker action ({date}, {time} or {datetime}), or null.
export async function pickMoment(action) {
  const tidy = (value) => value?.replace("t", "T").slice(0, 16);
  const input = el("input", {
    type: INPUTS[action.mode],
    value: tidy(action.initial) ?? startOf(action.mode),
    min: tidy(action.min),
    max: tidy(action.max),
    "aria-label": t(action.mode),
    class: "dialog-input",
  });
  const chosen = await ask(t(action.mode), input, [
    { label: t("cancel"), value: null },
    { label: t("set"), value: () => (input.reportValidity() ? input.value : null), kind: "main" },
  ]);
  return chosen ? { [action.mode]: chosen } : null;
}

function startOf(mode) {
  const now = new Date();
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return { date: local.slice(0, 10), time: local.slice(11, 16), datetime: local.slice(0, 16) }[mode];
}

export function leaveFor(url) {
  const content = el(
    "div",
    { class: "dialog-words" },
    el("p", {}, t("openOutsideHint")),
    el("p", { class: "dialog-url" }, url),
  );
  return ask(t("openLink"), content, [
    { label: t("cancel"), value: null },
    { label: t("openOutside"), value: true, kind: "main", href: url },
  ]);
}

export function toast(words) {
  const note = el("div", { class: "toast", role: "status" }, words);
  toaster.replaceChildren(note);
  setTimeout(() => note.remove(), 2600);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByHand(text);
  }
  toast(t("copied", { text }));
}

// Without a secure origin or the permission there is only the old way.
function copyByHand(text) {
  const area = el("textarea", { class: "off-screen", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
