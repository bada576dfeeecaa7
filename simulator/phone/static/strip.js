// A row of cards that scrolls sideways: by finger, by keyboard, and by arrows for those with a mouse.

import { el, icon } from "./dom.js";
import { t } from "./text.js";

export function strip(cards, name = "") {
  const row = el("div", { class: `strip ${name}`, tabindex: "0" }, cards);
  const arrow = (word, side, step) =>
    el(
      "button",
      {
        type: "button",
        class: `arrow ${side}`,
        "aria-label": t(word),
        onclick: () => row.scrollBy({ left: step * (row.firstElementChild.offsetWidth + 8), behavior: "smooth" }),
      },
      icon(side),
    );
  const [back, on] = [arrow("prev", "left", -1), arrow("next", "right", 1)];
  const look = () => {
    back.hidden = row.scrollLeft < 4;
    on.hidden = row.scrollLeft > row.scrollWidth - row.clientWidth - 20;
  };
  row.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(row);
  return el("div", { class: "strip-frame" }, row, back, on);
}
