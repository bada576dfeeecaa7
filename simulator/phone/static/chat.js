// Shows the chat of one person: messages in order, days, times, read marks, quick replies and the waiting dots.

import { avatar, el } from "./dom.js";
import { drawMessage, drawQuickReply } from "./messages.js";
import { clock, day, t } from "./text.js";

const WIDE = new Set(["flex", "template", "imagemap"]);

export function createChat(scroller, quick, hooks) {
  const list = scroller.querySelector(".messages");
  let shown = [];
  let dots = null;
  let offered = null;

  function update(view, account) {
    const items = view.chat ?? [];
    const stay = fromEnd() > 160;
    const fresh = shown.length === 0;
    if (!startsWith(items, shown)) clear();
    const known = shown.length;
    for (let i = known; i < items.length; i += 1) append(items[i], items[i - 1], account, known > 0);
    showDots(view.loading, account);
    const grown = items.length > known;
    showQuickReplies(items.at(-1));
    if (fresh || (grown && (!stay || items.at(-1).from === "friend")) || (view.loading && !stay))
      toEnd(fresh);
    else if (!stay) toEnd(true);
  }

  function append(item, previous, account, animate) {
    dots?.remove();
    if (!previous || day(previous.at) !== day(item.at)) {
      list.append(el("div", { class: "day" }, el("span", {}, day(item.at))));
    }
    const row = drawRow(item, previous, account, hooks);
    if (animate) row.classList.add("arriving");
    list.append(row);
    shown.push(signature(item));
  }

  function showDots(loading, account) {
    dots?.remove();
    dots = null;
    if (!loading) return;
    dots = el(
      "div",
      { class: "row account first", role: "status", "aria-label": t("typing") },
      avatar(account.name, account.picture),
      el("div", { class: "stack" }, el("div", { class: "bubble dots" }, el("i"), el("i"), el("i"))),
    );
    list.append(dots);
  }

  // Offered under the newest message until one is tapped or the talk goes on.
  function showQuickReplies(last) {
    if (last?.id === offered) return;
    offered = last?.id;
    const items = last?.from === "account" ? (last.message.quickReply?.items ?? []) : [];
    quick.hidden = items.length === 0;
    quick.replaceChildren(
      ...items.map((item) =>
        drawQuickReply(item, {
          tap: (action) => {
            quick.hidden = true;
            hooks.tap(action);
          },
        }),
      ),
    );
    quick.scrollLeft = 0;
  }

  function clear() {
    list.replaceChildren();
    dots = null;
    shown = [];
    offered = null;
  }

  // A wheel turns what lies sideways, since there is nothing above or below it.
  quick.addEventListener("wheel", (event) => quick.scrollBy(event.deltaY, 0), { passive: true });

  const fromEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

  function toEnd(atOnce) {
    const behavior = atOnce ? "instant" : "smooth";
    requestAnimationFrame(() => scroller.scrollTo({ top: scroller.scrollHeight, behavior }));
  }

  // Pictures arrive after their row: whoever is looking at the end keeps looking at the end.
  list.addEventListener(
    "load",
    () => {
      if (fromEnd() < 420) toEnd(true);
    },
    true,
  );

  return { update, clear, toEnd };
}

const signature = (item) => JSON.stringify([item.id, item.message, item.read]);

function startsWith(items, shown) {
  return shown.length <= items.length && shown.every((mark, i) => mark === signature(items[i]));
}

function drawRow(item, previous, account, hooks) {
  if (item.from === "system") return drawSystem(item);
  const node = drawMessage(item.message, hooks);
  const stack = el("div", { class: "stack" }, el("div", { class: "said" }, node, meta(item)));
  const kind = WIDE.has(item.message.type) ? "wide" : "";
  if (item.from === "friend")
    return el("div", { class: `row friend ${kind}`, dataset: { id: item.id } }, stack);
  const sender = item.message.sender ?? {};
  const name = sender.name ?? account.name;
  const first =
    previous?.from !== "account" ||
    previous.message.sender?.name !== sender.name ||
    day(previous.at) !== day(item.at);
  if (first) stack.prepend(el("div", { class: "sender" }, name));
  const head = first ? avatar(name, sender.iconUrl ?? account.picture) : el("span", { class: "avatar none" });
  return el(
    "div",
    { class: `row account ${first ? "first" : ""} ${kind}`, dataset: { id: item.id } },
    head,
    stack,
  );
}

function meta(item) {
  const read = item.from === "friend" && item.read !== false;
  return el(
    "div",
    { class: "meta" },
    read ? el("span", {}, t("read")) : null,
    el(
      "time",
      {
        datetime: new Date(item.at).toISOString(),
        title: item.via ? t("via", { via: t(item.via) }) : undefined,
      },
      clock(item.at),
    ),
  );
}

// The platform writes its lines in English; the ones it is known to write are told in the phone's language.
const SYSTEM = {
  "Added the account as a friend": "sysFollow",
  "Blocked the account": "sysUnfollow",
  "Unblocked the account": "sysUnblock",
};

export function systemWords(item) {
  const key = SYSTEM[item.message.text];
  return key ? t(key) : (item.message.text ?? "");
}

function drawSystem(item) {
  return el(
    "div",
    { class: "system", dataset: { id: item.id } },
    el("span", {}, `${clock(item.at)}　${systemWords(item)}`),
  );
}
