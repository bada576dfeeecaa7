// Builds page elements; no string is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  list: "M4 7h16M4 12h16M4 17h16",
  keyboard: "M3 7h18v10H3zM7 10.5h.01M10.5 10.5h.01M14 10.5h.01M17.5 10.5h.01M8 13.9h8",
  send: "M4 12l16-7-6 15-3-6z",
  play: "M9 7l8 5-8 5z",
  pin: "M12 21s6-5.7 6-11a6 6 0 10-12 0c0 5.3 6 11 6 11zM12 12.5a2.4 2.4 0 100-4.8 2.4 2.4 0 000 4.8z",
  ticket:
    "M4 8a1 1 0 011-1h14a1 1 0 011 1v2.2a1.9 1.9 0 000 3.6V16a1 1 0 01-1 1H5a1 1 0 01-1-1v-2.2a1.9 1.9 0 000-3.6zM14 7.5v2M14 11.2v1.8M14 14.8v1.7",
  copy: "M9 9h10v10H9zM5 15V5h10",
  chat: "M4 6h16v10H11l-4 3.5V16H4z",
  down: "M7 10l5 5 5-5",
  up: "M7 14l5-5 5 5",
  left: "M14 7l-5 5 5 5",
  right: "M10 7l5 5-5 5",
};

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "style") Object.assign(node.style, value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// A drawing of our own in place of a sticker: a round face whose colour follows the sticker's id.
export function face(seed) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("aria-hidden", "true");
  const shapes = [
    ["circle", { cx: 50, cy: 52, r: 40, fill: `hsl(${hue(seed)} 75% 72%)` }],
    ["circle", { cx: 37, cy: 46, r: 4.5, fill: "#333" }],
    ["circle", { cx: 63, cy: 46, r: 4.5, fill: "#333" }],
    [
      "path",
      { d: "M36 62q14 15 28 0", fill: "none", stroke: "#333", "stroke-width": 4, "stroke-linecap": "round" },
    ],
    ["circle", { cx: 28, cy: 58, r: 5, fill: "#fff", opacity: 0.55 }],
    ["circle", { cx: 72, cy: 58, r: 5, fill: "#fff", opacity: 0.55 }],
  ];
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  return svg;
}

function hue(seed) {
  let sum = 7;
  for (const letter of String(seed)) sum = (sum * 31 + letter.codePointAt(0)) % 3600;
  return (sum * 137) % 360;
}

export function avatar(name, picture, seed = name) {
  const circle = el("span", { class: "avatar", "aria-hidden": "true" });
  if (picture) circle.append(el("img", { src: picture, alt: "" }));
  else {
    circle.append(Array.from(name || "?")[0]);
    circle.style.background = `hsl(${hue(seed)} 38% 52%)`;
  }
  return circle;
}

// Makes a whole area tappable, by finger and by keyboard, without swallowing the buttons inside it.
export function tappable(node, label, tap) {
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  node.classList.add("tappable");
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", (event) => {
    event.stopPropagation();
    tap();
  });
  node.addEventListener("keydown", (event) => {
    if (event.target !== node || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    tap();
  });
  return node;
}

// Keeps focus and taps inside some parts of a place, until the returned function is called.
export function isolate(place, ...kept) {
  const still = [...place.children].filter((part) => !kept.includes(part) && !part.inert);
  for (const part of still) part.inert = true;
  return () => {
    for (const part of still) part.inert = false;
  };
}

export function labelOf(action) {
  if (!action) return "";
  return (
    action.label ||
    action.displayText ||
    action.text ||
    action.uri ||
    action.richMenuAliasId ||
    action.data ||
    ""
  );
}
