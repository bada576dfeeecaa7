// Draws the messages made of fixed shapes: templates, image maps and coupons.

import { el, icon, labelOf, tappable } from "./dom.js";
import { strip } from "./strip.js";
import { t } from "./text.js";

const TEMPLATES = {
  buttons: (template, hooks) => drawColumn(template, hooks, template),
  confirm: drawConfirm,
  carousel: (template, hooks) => strip(template.columns.map((column) => drawColumn(column, hooks, template))),
  image_carousel: (template, hooks) => strip(template.columns.map((column) => drawTile(column, hooks))),
};

export function drawTemplate(message, hooks) {
  const draw = TEMPLATES[message.template.type];
  if (!draw) return el("div", { class: "bubble odd" }, message.altText);
  return el("div", { role: "group", "aria-label": message.altText }, draw(message.template, hooks));
}

function actionButton(action, hooks) {
  return el(
    "button",
    {
      type: "button",
      class: "card-action",
      onclick: (event) => {
        event.stopPropagation();
        hooks.tap(action);
      },
    },
    labelOf(action),
  );
}

function drawColumn(column, hooks, style) {
  const actions = column.actions.map((action) => actionButton(action, hooks));
  const front = el(
    "div",
    { class: "card-front" },
    column.thumbnailImageUrl ? thumbnail(column, style) : null,
    el(
      "div",
      { class: "card-text" },
      column.title ? el("strong", {}, column.title) : null,
      el("p", {}, column.text),
    ),
  );
  if (column.defaultAction)
    tappable(front, column.defaultAction.label, () => hooks.tap(column.defaultAction));
  return el("div", { class: "card" }, front, el("div", { class: "card-actions" }, actions));
}

function thumbnail(column, style) {
  return el(
    "div",
    {
      class: `thumb ${style.imageAspectRatio ?? "rectangle"}`,
      style: {
        background: column.imageBackgroundColor ?? "#fff",
      },
    },
    el("img", {
      src: column.thumbnailImageUrl,
      alt: "",
      style: {
        objectFit: style.imageSize === "contain" ? "contain" : "cover",
      },
    }),
  );
}

function drawConfirm(template, hooks) {
  return el(
    "div",
    { class: "card confirm" },
    el("div", { class: "card-text" }, el("p", {}, template.text)),
    el(
      "div",
      { class: "card-actions side" },
      template.actions.map((action) => actionButton(action, hooks)),
    ),
  );
}

function drawTile(column, hooks) {
  const label = labelOf(column.action);
  return el(
    "button",
    { type: "button", class: "tile", "aria-label": label, onclick: () => hooks.tap(column.action) },
    el("img", { src: column.imageUrl, alt: "" }),
    label ? el("span", { class: "tile-label" }, label) : null,
  );
}

export function drawImagemap(message, hooks) {
  const { width, height } = message.baseSize;
  const map = el(
    "div",
    {
      class: "imagemap",
      role: "group",
      "aria-label": message.altText,
      style: {
        aspectRatio: `${width} / ${height}`,
      },
    },
    el("img", { src: `${message.baseUrl}/1040`, alt: message.altText }),
  );
  for (const action of message.actions) {
    const area = areaButton(action.label ?? action.text ?? action.linkUri, action.area, width, height);
    area.addEventListener("click", () => hooks.tap(mapAction(action)));
    map.append(area);
  }
  return map;
}

function mapAction(action) {
  if (action.type === "uri") return { type: "uri", label: action.label, uri: action.linkUri };
  if (action.type === "clipboard") return { type: "clipboard", clipboardText: action.clipboardText };
  return { type: "message", text: action.text };
}

// A see-through button over a picture; bounds are in the picture's own pixels.
export function areaButton(label, bounds, width, height) {
  const share = (part, whole) => `${(part / whole) * 100}%`;
  return el("button", {
    type: "button",
    class: "area",
    "aria-label": label,
    style: {
      left: share(bounds.x, width),
      top: share(bounds.y, height),
      width: share(bounds.width, width),
      height: share(bounds.height, height),
    },
  });
}

// A coupon message only carries an id; what the simulator knows about it comes along as message.coupon.
export function drawCoupon(message, hooks) {
  const coupon = message.coupon ?? {};
  return el(
    "div",
    { class: "card coupon" },
    el("div", { class: "coupon-head" }, icon("ticket"), el("span", {}, t("coupon"))),
    el(
      "div",
      { class: "card-text" },
      el("strong", {}, coupon.title ?? t("coupon")),
      el("p", { class: "small" }, coupon.description ?? message.couponId),
    ),
    el(
      "div",
      { class: "card-actions" },
      el(
        "button",
        {
          type: "button",
          class: "card-action",
          onclick: () => hooks.say(t("notHere")),
        },
        t("couponUse"),
      ),
    ),
  );
}
