// Turns the words and numbers of a Flex Message into CSS values; unknown values become nothing.

const SPACES = { none: "0", xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px", xxl: "20px" };
const TEXTS = {
  xxs: 11,
  xs: 13,
  sm: 14,
  md: 16,
  lg: 19,
  xl: 22,
  xxl: 29,
  "3xl": 35,
  "4xl": 48,
  "5xl": 74,
};
const IMAGES = {
  xxs: "40px",
  xs: "60px",
  sm: "80px",
  md: "100px",
  lg: "120px",
  xl: "140px",
  xxl: "160px",
  "3xl": "180px",
  "4xl": "200px",
  "5xl": "220px",
  full: "100%",
};
const CORNERS = { none: "0", xs: "2px", sm: "4px", md: "8px", lg: "12px", xl: "16px", xxl: "20px" };
const BORDERS = { none: "0", light: "0.5px", normal: "1px", medium: "2px", "semi-bold": "3px", bold: "4px" };
const SIDES = { start: "left", end: "right", center: "center" };
const GRAVITY = { top: "flex-start", center: "center", bottom: "flex-end" };
const LENGTH = /^-?\d+(\.\d+)?(px|%)$/;

const named = (names) => (value) =>
  value === undefined ? "" : (names[value] ?? (LENGTH.test(value) ? value : ""));

export const space = named(SPACES);
export const corner = named(CORNERS);
export const border = named(BORDERS);
export const imageSize = named(IMAGES);
export const gravity = (value) => GRAVITY[value] ?? "";
export const side = (value) => SIDES[value] ?? "";

export function textSize(value) {
  if (value in TEXTS) return `${TEXTS[value]}px`;
  return LENGTH.test(value ?? "") ? value : "";
}

export function colour(value) {
  return /^#([0-9a-f]{6}|[0-9a-f]{8})$/i.test(value ?? "") ? value : "";
}

export function ratio(value, fallback = "1 / 1") {
  const parts = /^(\d+):(\d+)$/.exec(value ?? "");
  return parts ? `${parts[1]} / ${parts[2]}` : fallback;
}

function background(box) {
  const fill = box.background;
  if (fill?.type !== "linearGradient") return colour(box.backgroundColor);
  const stops = [colour(fill.startColor)];
  if (fill.centerColor) stops.push(`${colour(fill.centerColor)} ${fill.centerPosition ?? "50%"}`);
  stops.push(colour(fill.endColor));
  return `linear-gradient(${fill.angle ?? "0deg"}, ${stops.join(", ")})`;
}

export function boxStyle(box) {
  const all = space(box.paddingAll);
  const style = {
    padding: all,
    paddingTop: space(box.paddingTop) || all,
    paddingBottom: space(box.paddingBottom) || all,
    paddingLeft: space(box.paddingStart) || all,
    paddingRight: space(box.paddingEnd) || all,
    background: background(box),
    borderRadius: corner(box.cornerRadius),
    width: imageSize(box.width),
    maxWidth: imageSize(box.maxWidth),
    height: imageSize(box.height),
    maxHeight: imageSize(box.maxHeight),
    justifyContent: box.justifyContent ?? "",
    alignItems: box.alignItems ?? "",
  };
  if (box.borderWidth || box.borderColor) {
    style.border = `${border(box.borderWidth ?? "normal")} solid ${colour(box.borderColor) || "#d4d6da"}`;
  }
  return trimmed(style);
}

// Where a component stands in its parent: its share of the space, its margin, its offsets.
export function placeStyle(item, parent, first) {
  const across = parent.layout !== "vertical";
  const gap = space(item.margin) || (first ? "" : space(parent.spacing));
  const style = { ...share(item, parent, across), ...offsets(item) };
  if (item.position !== "absolute") style[across ? "marginLeft" : "marginTop"] = gap;
  if (across && parent.layout === "horizontal" && item.gravity) style.alignSelf = gravity(item.gravity);
  return trimmed(style);
}

function share(item, parent, across) {
  if (item.type === "separator") return { flex: "none" };
  if (item.type === "filler") return { flex: `${item.flex ?? 1} 1 0px` };
  if (item.type === "icon") return { flex: "none" };
  if (across && item.type === "box" && item.width && item.flex === undefined) return { flex: "none" };
  const flex = item.flex ?? (across && !parent.justifyContent ? 1 : 0);
  if (flex === 0) return { flex: across ? "0 1 auto" : "none" };
  return { flex: across ? `${flex} 1 0px` : `${flex} 0 auto` };
}

function offsets(item) {
  const absolute = item.position === "absolute";
  return {
    position: absolute ? "absolute" : "",
    top: space(item.offsetTop),
    bottom: space(item.offsetBottom),
    left: space(item.offsetStart),
    right: space(item.offsetEnd),
  };
}

export function textStyle(text) {
  return trimmed({
    fontSize: textSize(text.size),
    color: colour(text.color),
    fontWeight: text.weight === "bold" ? "700" : text.weight === "regular" ? "400" : "",
    fontStyle: text.style === "italic" ? "italic" : "",
    textDecoration: text.decoration && text.decoration !== "none" ? text.decoration : "",
  });
}

function trimmed(style) {
  return Object.fromEntries(Object.entries(style).filter(([, value]) => value !== "" && value !== undefined));
}
