// Draws one message of the chat as a phone shows it; the words of a message only ever become text nodes.

import { drawCoupon, drawImagemap, drawTemplate } from "./cards.js";
import { el, face, icon, labelOf } from "./dom.js";
import { drawFlex } from "./flex.js";
import { t } from "./text.js";

const LINK = /\b(?:https?:\/\/|line:\/\/)[^\s<>"'「」（）、。]+|(?<![\d-])tel:[+\d-]+/g;

const DRAW = {
  text: (message, hooks) => el("div", { class: "bubble" }, richText(message, hooks)),
  textV2: (message, hooks) => el("div", { class: "bubble" }, substituted(message, hooks)),
  image: drawPicture,
  video: drawVideo,
  audio: drawAudio,
  sticker: (message) =>
    el(
      "div",
      {
        class: "sticker",
        role: "img",
        "aria-label": `${t("sticker")} ${message.packageId}-${message.stickerId}`,
      },
      face(message.stickerId),
    ),
  location: drawLocation,
  template: drawTemplate,
  imagemap: drawImagemap,
  coupon: drawCoupon,
  file: (message) => el("div", { class: "bubble" }, message.fileName ?? `[${t("file")}]`),
  flex: (message, hooks) =>
    el("div", { role: "group", "aria-label": message.altText }, drawFlex(message.contents, hooks)),
};

export function drawMessage(message, hooks) {
  const draw = DRAW[message.type];
  if (!draw) return el("div", { class: "bubble odd" }, `${t("unknown")} (${message.type})`);
  return draw(message, hooks);
}

// One line that says what a message is, for the log and for lists.
export function summary(message) {
  if (message.text) return message.text;
  if (message.altText) return message.altText;
  const names = { image: "photo", textV2: "text" };
  return t(names[message.type] ?? message.type);
}

function richText(message, hooks) {
  const emojis = [...(message.emojis ?? [])].sort((a, b) => a.index - b.index);
  const parts = [];
  let from = 0;
  for (const emoji of emojis) {
    parts.push(...linked(message.text.slice(from, emoji.index), hooks), emojiMark(emoji));
    from = emoji.index + (emoji.length ?? 1);
  }
  return [...parts, ...linked(message.text.slice(from), hooks)];
}

function substituted(message, hooks) {
  const filling = message.substitution ?? {};
  return message.text.split(/(\{\w{1,20}\})/).flatMap((part) => {
    const item = filling[part.slice(1, -1)];
    if (!part.startsWith("{") || !item) return linked(part, hooks);
    if (item.type === "emoji") return [emojiMark(item)];
    return [el("span", { class: "mention" }, item.mentionee?.type === "all" ? "@All" : "@…")];
  });
}

function emojiMark(emoji) {
  return el("span", { class: "emoji", title: `${emoji.productId}/${emoji.emojiId}` }, face(emoji.emojiId));
}

function linked(text, hooks) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(text.slice(from, match.index), link(match[0], hooks));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

function link(url, hooks) {
  return el(
    "a",
    {
      href: url,
      rel: "noopener",
      onclick: (event) => {
        event.preventDefault();
        hooks.openLink(url);
      },
    },
    url,
  );
}

function drawPicture(message) {
  if (!message.originalContentUrl) return ownContent("photo");
  return el(
    "a",
    {
      class: "picture",
      href: message.originalContentUrl,
      target: "_blank",
      rel: "noopener",
      "aria-label": t("photo"),
    },
    el("img", {
      src: message.previewImageUrl ?? message.originalContentUrl,
      alt: t("photo"),
      loading: "lazy",
    }),
  );
}

// What a person sent themselves has no address here: its content lies with the platform.
function ownContent(kind) {
  return el("div", { class: "bubble odd" }, `[${t(kind)}]`);
}

function drawVideo(message) {
  if (!message.originalContentUrl) return ownContent("video");
  const frame = el(
    "button",
    {
      type: "button",
      class: "picture video",
      "aria-label": t("video"),
      onclick: () =>
        frame.replaceWith(
          el("video", { class: "picture", src: message.originalContentUrl, controls: true, autoplay: true }),
        ),
    },
    el("img", { src: message.previewImageUrl, alt: "" }),
    el("span", { class: "play" }, icon("play")),
  );
  return frame;
}

function drawAudio(message, hooks) {
  if (!message.originalContentUrl) return ownContent("audio");
  const seconds = Math.round((message.duration ?? 0) / 1000);
  const length = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const player = new Audio();
  return el(
    "button",
    {
      type: "button",
      class: "bubble audio",
      "aria-label": `${t("audio")} ${length}`,
      onclick: () => {
        player.src ||= message.originalContentUrl;
        player.play().catch(() => hooks.say(t("noSound")));
      },
    },
    el("span", { class: "play" }, icon("play")),
    el("span", { class: "wave" }),
    length,
  );
}

function drawLocation(message, hooks) {
  const uri = `https://maps.google.com/?q=${message.latitude},${message.longitude}`;
  return el(
    "button",
    {
      type: "button",
      class: "card place",
      "aria-label": `${t("location")} ${message.title}`,
      onclick: () => hooks.openLink(uri),
    },
    el("span", { class: "map" }, icon("pin")),
    el("span", { class: "card-text" }, el("strong", {}, message.title), el("span", {}, message.address)),
  );
}

export function drawQuickReply(item, hooks) {
  const chip = el("button", { type: "button", class: "chip", onclick: () => hooks.tap(item.action) });
  if (item.imageUrl) chip.append(el("img", { src: item.imageUrl, alt: "" }));
  chip.append(labelOf(item.action));
  return chip;
}
