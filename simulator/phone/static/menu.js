// The bottom of the chat: the rich menu with its tappable areas and its bar, or the keyboard's text field.

import { areaButton } from "./cards.js";
import { el, icon, labelOf } from "./dom.js";
import { t } from "./text.js";

export function createDock(host, hooks) {
  const field = el("textarea", {
    rows: "1",
    maxlength: "5000",
    enterkeyhint: "send",
    "aria-label": t("input"),
    placeholder: t("input"),
  });
  let menu = null;
  let mode = "text";
  let open = false;
  let drawn = "";
  let rising = false;

  // A newly shown menu opens when LINE says so, or when the one before it was open.
  function update(view) {
    const next = view.richMenu;
    const blocked = view.person.blocked;
    if (next?.richMenuId !== menu?.richMenuId) {
      open = Boolean(next) && (next.selected || (open && mode === "menu"));
      mode = next && !isTyping() ? "menu" : "text";
    }
    menu = next;
    draw(blocked);
  }

  const isTyping = () => document.activeElement === field && field.value !== "";

  function draw(blocked) {
    const key = JSON.stringify([menu, mode, open, blocked, document.documentElement.lang]);
    if (key === drawn) return;
    drawn = key;
    const focused = document.activeElement === field;
    rising = !host.querySelector(".richmenu");
    host.dataset.mode = blocked ? "blocked" : mode;
    if (blocked) host.replaceChildren(blockedNote());
    else if (mode === "menu" && menu) host.replaceChildren(...menuParts());
    else host.replaceChildren(textBar());
    grow();
    if (focused && field.isConnected) field.focus();
  }

  function show(nextMode, nextOpen) {
    mode = menu ? nextMode : "text";
    open = nextOpen;
    draw(false);
    hooks.resized();
  }

  function menuParts() {
    const bar = el(
      "div",
      { class: "bar" },
      el(
        "button",
        { type: "button", class: "bar-side", "aria-label": t("toKeyboard"), onclick: () => keyboard() },
        icon("keyboard"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "bar-label",
          "aria-expanded": String(open),
          "aria-label": `${menu.chatBarText} — ${t(open ? "closeMenu" : "openMenu")}`,
          onclick: () => show("menu", !open),
        },
        el("span", {}, menu.chatBarText),
        icon(open ? "down" : "up"),
      ),
    );
    return open ? [picture(), bar] : [bar];
  }

  function picture() {
    const { width, height } = menu.size;
    const frame = el(
      "div",
      {
        class: rising ? "richmenu rising" : "richmenu",
        role: "group",
        "aria-label": `${t("menu")}: ${menu.name}`,
        style: {
          aspectRatio: `${width} / ${height}`,
        },
      },
      menu.imageUrl ? el("img", { src: menu.imageUrl, alt: "" }) : null,
    );
    for (const area of menu.areas) {
      const button = areaButton(labelOf(area.action), area.bounds, width, height);
      button.addEventListener("click", () => hooks.tap(area.action));
      frame.append(button);
    }
    return frame;
  }

  function textBar() {
    field.placeholder = t("input");
    field.setAttribute("aria-label", t("input"));
    const send = el("button", { type: "submit", class: "send", "aria-label": t("send") }, icon("send"));
    const form = el(
      "form",
      {
        class: "bar text",
        onsubmit: (event) => {
          event.preventDefault();
          submit();
        },
      },
      menu
        ? el(
            "button",
            {
              type: "button",
              class: "bar-side",
              "aria-label": t("toMenu"),
              onclick: () => show("menu", true),
            },
            icon("list"),
          )
        : null,
      field,
      send,
    );
    return form;
  }

  function blockedNote() {
    return el(
      "div",
      { class: "bar blocked" },
      el("span", {}, t("blockedNote")),
      el("button", { type: "button", class: "pill", onclick: hooks.unblock }, t("unblock")),
    );
  }

  function keyboard(text) {
    show("text", false);
    if (text !== undefined) field.value = text;
    grow();
    field.focus();
  }

  function submit() {
    const text = field.value;
    if (!text.trim()) return;
    field.value = "";
    grow();
    hooks.said(text);
  }

  function grow() {
    field.style.height = "auto";
    // What is not on the screen yet has no height to go by.
    if (field.scrollHeight > 0) field.style.height = `${Math.min(field.scrollHeight, 104)}px`;
    field.closest("form")?.classList.toggle("filled", field.value.trim() !== "");
  }

  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });

  // What a postback asks of the bottom of the chat, besides being sent.
  function follow(action) {
    if (action.inputOption === "closeRichMenu") show(mode, false);
    if (action.inputOption === "openRichMenu") show("menu", true);
    if (action.inputOption === "openKeyboard") keyboard(action.fillInText ?? "");
  }

  function reset() {
    menu = null;
    mode = "text";
    open = false;
    drawn = "";
    field.value = "";
    host.replaceChildren();
  }

  return { update, follow, reset };
}
