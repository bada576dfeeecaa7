// Text messages of the person: an inbox in the side panel, and a notification that slides over the phone.

import { el, icon } from "./dom.js";
import { clock, t } from "./text.js";

const CODE = /(?<!\d)\d{4,8}(?!\d)/;

const SHOWN = 12_000;

// The last line that binds a code to a site is for the phone, which does not show it.
const BOUND = /\s*\n@\S+ #\S+\s*$/;

export const codeIn = (text) => CODE.exec(text)?.[0] ?? null;

export function createSms(inbox, notices, hooks) {
  let known = null;
  let hiding = 0;

  function update(view) {
    const all = view.sms ?? [];
    const arrived = known !== null && all.length > known;
    known = all.length;
    inbox.replaceChildren(
      ...(all.length ? [...all].reverse().slice(0, 8).map(card) : [el("p", { class: "empty" }, t("noSms"))]),
    );
    if (arrived) announce(all.at(-1));
  }

  function card(message) {
    return el(
      "article",
      { class: "sms" },
      el("header", {}, icon("chat"), el("span", {}, message.to), el("time", {}, clock(message.at))),
      el("p", {}, message.text),
      copyButton(message),
    );
  }

  function copyButton(message) {
    const code = codeIn(message.text);
    if (!code) return null;
    return el(
      "button",
      {
        type: "button",
        class: "code",
        onclick: () => hooks.copy(code),
        "aria-label": `${t("copyCode")} ${code}`,
      },
      icon("copy"),
      code,
    );
  }

  function announce(message) {
    const code = codeIn(message.text);
    const note = el(
      "button",
      {
        type: "button",
        class: "notice",
        onclick: () => {
          dismiss();
          if (code) hooks.copy(code);
        },
      },
      el("span", { class: "notice-app" }, icon("chat")),
      el(
        "span",
        { class: "notice-words" },
        el("span", { class: "notice-head" }, el("strong", {}, t("sms")), el("small", {}, t("now"))),
        el("span", {}, message.text.replace(BOUND, "")),
        code ? el("em", {}, t("copyCode")) : null,
      ),
    );
    notices.replaceChildren(note);
    clearTimeout(hiding);
    hiding = setTimeout(dismiss, SHOWN);
  }

  function dismiss() {
    notices.firstChild?.classList.add("leaving");
    setTimeout(() => notices.querySelector(".leaving")?.remove(), 300);
  }

  function reset() {
    known = null;
    notices.replaceChildren();
  }

  return { update, reset };
}
