// Draws Flex Messages: bubbles, carousels and the components inside them.

import { el, icon, labelOf, tappable } from "./dom.js";
import {
  boxStyle,
  colour,
  imageSize,
  placeStyle,
  ratio,
  side,
  space,
  textSize,
  textStyle,
} from "./flexstyle.js";
import { strip } from "./strip.js";

const BLOCKS = ["header", "hero", "body", "footer"];

export function drawFlex(contents, hooks) {
  if (contents.type === "carousel") {
    return strip(
      contents.contents.map((bubble) => drawBubble(bubble, hooks)),
      "flex-carousel",
    );
  }
  return drawBubble(contents, hooks);
}

function drawBubble(bubble, hooks) {
  const card = el("div", {
    class: `flex-bubble size-${bubble.size ?? "mega"}`,
    dir: bubble.direction ?? "ltr",
  });
  for (const name of BLOCKS) {
    if (bubble[name]) card.append(drawBlock(name, bubble[name], bubble.styles?.[name] ?? {}, hooks));
  }
  act(card, bubble.action, hooks);
  return card;
}

function drawBlock(name, content, style, hooks) {
  const block = el("div", { class: `flex-block flex-${name}` });
  if (style.backgroundColor) block.style.background = colour(style.backgroundColor);
  if (style.separator) block.style.borderTop = `1px solid ${colour(style.separatorColor) || "#d4d6da"}`;
  block.append(drawComponent(content, hooks, { layout: "vertical" }));
  return block;
}

const DRAW = {
  box: drawBox,
  text: drawText,
  button: drawButton,
  image: drawImage,
  icon: drawIcon,
  video: drawVideo,
  separator: (item, hooks, parent) =>
    el("div", {
      class: parent.layout === "vertical" ? "flex-rule" : "flex-rule upright",
      style: { background: colour(item.color) || "#d4d6da" },
    }),
  filler: () => el("div"),
  spacer: (item) => el("div", { style: { height: space(item.size ?? "md") } }),
};

function drawComponent(item, hooks, parent, first = true) {
  const draw = DRAW[item.type];
  if (!draw) return el("div", { class: "flex-unknown" }, `[${item.type}]`);
  const node = draw(item, hooks, parent);
  Object.assign(node.style, placeStyle(item, parent, first));
  return node;
}

function drawBox(box, hooks) {
  const node = el(
    "div",
    { class: `flex-box ${box.layout}`, style: boxStyle(box) },
    (box.contents ?? []).map((item, i) => drawComponent(item, hooks, box, i === 0)),
  );
  act(node, box.action, hooks);
  return node;
}

function drawText(text, hooks) {
  const node = el("div", { class: text.wrap ? "flex-text wrap" : "flex-text", style: textStyle(text) });
  if (text.contents?.length) node.append(...text.contents.map(drawSpan));
  else node.textContent = text.text ?? "";
  node.style.textAlign = side(text.align);
  if (text.lineSpacing) node.style.lineHeight = `calc(1.25em + ${text.lineSpacing})`;
  if (text.maxLines > 0 && text.wrap) {
    node.classList.add("clamped");
    node.style.webkitLineClamp = String(text.maxLines);
  }
  act(node, text.action, hooks);
  return node;
}

function drawSpan(span) {
  return el("span", { style: textStyle(span) }, span.text ?? "");
}

function drawButton(button, hooks) {
  const kind = button.style ?? "link";
  const node = el(
    "button",
    {
      type: "button",
      class: `flex-button ${kind} ${button.height ?? "md"}`,
      onclick: (event) => {
        event.stopPropagation();
        hooks.tap(button.action);
      },
    },
    labelOf(button.action),
  );
  const tint = colour(button.color);
  if (tint) node.style[kind === "link" ? "color" : "backgroundColor"] = tint;
  return node;
}

function drawImage(image, hooks) {
  const picture = el("img", {
    src: image.url,
    alt: labelOf(image.action),
    loading: "lazy",
    style: { objectFit: image.aspectMode === "cover" ? "cover" : "contain" },
  });
  const frame = el(
    "div",
    {
      class: "flex-frame",
      style: {
        width: imageSize(image.size ?? "md"),
        aspectRatio: ratio(image.aspectRatio),
        background: colour(image.backgroundColor),
      },
    },
    picture,
  );
  const node = el("div", { class: `flex-image ${image.align ?? "center"}` }, frame);
  act(node, image.action, hooks);
  return node;
}

function drawIcon(item) {
  const size = textSize(item.size ?? "md");
  return el("img", {
    class: "flex-icon",
    src: item.url,
    alt: "",
    style: {
      height: size,
      aspectRatio: ratio(item.aspectRatio),
    },
  });
}

function drawVideo(video) {
  const frame = el(
    "button",
    {
      type: "button",
      class: "flex-video",
      style: { aspectRatio: ratio(video.aspectRatio, "16 / 9") },
      onclick: (event) => {
        event.stopPropagation();
        frame.replaceChildren(el("video", { src: video.url, controls: true, autoplay: true }));
      },
    },
    el("img", { src: video.previewUrl, alt: "" }),
    el("span", { class: "play" }, icon("play")),
  );
  return frame;
}

function act(node, action, hooks) {
  if (action) tappable(node, action.label, () => hooks.tap(action));
}
