// Tells what is happening: every message with the way it came, every change of menu, text message and tap.

import { systemWords } from "./chat.js";
import { el } from "./dom.js";
import { summary } from "./messages.js";
import { clock, t } from "./text.js";

const KEPT = 60;

export function createLog(list) {
  let entries = [];
  let before = null;

  function update(view) {
    const seen = new Set(before?.chat.map((item) => item.id));
    for (const item of view.chat) if (!seen.has(item.id)) entries.push(ofItem(item));
    if (menuId(view) !== menuId(before)) entries.push(ofMenu(view));
    for (const message of view.sms.slice(before?.sms.length ?? 0)) {
      entries.push({ at: message.at, kind: "sms", words: () => t("logSms", { text: message.text }) });
    }
    before = view;
    draw();
  }

  function note(kind, key, values) {
    entries.push({ at: Date.now(), kind, words: () => t(key, values) });
    draw();
  }

  function draw() {
    entries = entries.sort((a, b) => a.at - b.at).slice(-KEPT);
    const rows = [...entries]
      .reverse()
      .map((entry) =>
        el(
          "li",
          { class: `log-${entry.kind}` },
          el("time", {}, clock(entry.at)),
          el("span", {}, entry.badge ? el("b", {}, entry.badge()) : null, entry.words()),
        ),
      );
    list.replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, t("noLog"))]));
  }

  function reset() {
    entries = [];
    before = null;
    draw();
  }

  return { update, note, reset, draw };
}

const menuId = (view) => view?.richMenu?.richMenuId ?? null;

function ofItem(item) {
  if (item.from === "system") return { at: item.at, kind: "system", words: () => systemWords(item) };
  if (item.from === "friend")
    return { at: item.at, kind: "friend", words: () => t("logSaid", { text: summary(item.message) }) };
  return {
    at: item.at,
    kind: "account",
    badge: () => t(item.via ?? "account"),
    words: () => summary(item.message),
  };
}

// A menu has no time of its own: the moment this page saw it stands in for it.
function ofMenu(view) {
  const name = view.richMenu?.name;
  return { at: Date.now(), kind: "menu", words: () => (name ? t("logMenu", { name }) : t("logNoMenu")) };
}
