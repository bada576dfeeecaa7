// The editor: areas are drawn, moved and resized by mouse, finger or keys. The number fields of the
// form stay the truth; the drawing is made from them, and writes into them.

const SVG = "http://www.w3.org/2000/svg";
const SIDES = ["x", "y", "width", "height"];
const LEAST = 20;
const form = document.querySelector("#menu-form");

const say = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function make(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

class Board {
  constructor(section) {
    this.section = section;
    this.svg = section.querySelector("[data-board]");
    this.words = this.svg.dataset;
    this.width = Number(this.words.width);
    this.height = Number(this.words.height);
    this.list = section.querySelector("[data-areas]");
    this.template = section.querySelector("[data-area-template]");
    this.live = section.querySelector("[data-live]");
    this.warnings = section.querySelector("[data-warnings]");
    this.grid = section.querySelector("[data-grid]");
    this.most = 20;
    this.next = this.list.children.length;
    this.svg.dataset.liveBoard = "";
    for (const old of this.svg.querySelectorAll(".menu-area")) old.remove();
    this.groups = new Map(); // by the area's fieldset
    for (const field of this.list.children) this.adopt(field);
    section.querySelector("[data-tools]").hidden = false;
    section.querySelector("[data-plain-add]").hidden = true;
    section.querySelector("[data-add]").addEventListener("click", () => this.add());
    this.svg.addEventListener("pointerdown", (event) => this.drawNew(event));
    this.renumber();
  }

  // One area: its fields, and its group in the drawing

  adopt(field) {
    const group = make("g", { class: "menu-area", tabindex: "0", role: "button" }, this.svg);
    make("rect", {}, group);
    make("text", {}, group);
    for (const way of ["nw", "ne", "sw", "se"]) {
      make("rect", { class: "menu-handle", "data-way": way }, group);
    }
    this.groups.set(field, group);
    group.addEventListener("pointerdown", (event) => this.drag(event, field));
    group.addEventListener("click", () => {
      group.focus({ preventScroll: true });
      this.show(field);
    });
    group.addEventListener("keyup", (event) => event.key === "Tab" && this.show(field));
    // A finger scrolls the page over an area that is not chosen; a first tap chooses it.
    group.addEventListener("touchstart", (event) => group.classList.contains("chosen") && event.preventDefault(), { passive: false });
    group.addEventListener("keydown", (event) => this.key(event, field));
    group.addEventListener("focus", () => this.choose(field));
    field.addEventListener("focusin", () => this.choose(field));
    field.addEventListener("input", () => this.redraw());
    const kind = field.querySelector("[name$=-kind]");
    kind.addEventListener("change", () => showKind(field));
    const mode = field.querySelector("[name$=-mode]");
    mode.addEventListener("change", () => askForMoments(field, mode.value));
    // They may have been chosen before this ran, or be what a browser remembers.
    showKind(field);
    if (!mode.selectedOptions[0].defaultSelected) askForMoments(field, mode.value);
    field.querySelector("[data-drop]").addEventListener("click", (event) => {
      event.preventDefault();
      this.drop(field);
    });
  }

  fields() {
    return [...this.list.children];
  }

  input(field, side) {
    return field.querySelector(`[data-side=${side}]`);
  }

  box(field) {
    return SIDES.map((side) => Math.round(Number(this.input(field, side).value)) || 0);
  }

  put(field, box) {
    SIDES.forEach((side, n) => (this.input(field, side).value = Math.round(box[n])));
    form.dispatchEvent(new Event("input"));
    this.redraw();
  }

  add(box) {
    if (this.fields().length >= this.most) {
      this.live.textContent = this.words.fullWords;
      return null;
    }
    const holder = document.createElement("div");
    holder.innerHTML = this.template.innerHTML.replaceAll("__area__", this.next++);
    const field = holder.firstElementChild;
    this.list.append(field);
    this.adopt(field);
    this.put(field, box ?? this.snapped([this.width / 4, this.height / 4, this.width / 2, this.height / 2]));
    this.renumber();
    this.groups.get(field).focus();
    return field;
  }

  drop(field) {
    const fields = this.fields();
    const n = fields.indexOf(field);
    this.groups.get(field).remove();
    this.groups.delete(field);
    field.remove();
    form.dispatchEvent(new Event("input"));
    this.renumber();
    this.live.textContent = say(this.words.removedWords, { number: n + 1 });
    const near = this.fields()[Math.min(n, fields.length - 2)];
    (near ? this.groups.get(near) : this.section.querySelector("[data-add]")).focus();
  }

  choose(field) {
    for (const [each, group] of this.groups) {
      each.classList.toggle("chosen", each === field);
      group.classList.toggle("chosen", each === field);
    }
    this.redraw();
  }

  // Where drawing and fields stand side by side, the fields of the chosen area come into view.
  show(field) {
    if (matchMedia("(min-width:992px)").matches) field.scrollIntoView({ block: "nearest" });
  }

  renumber() {
    this.fields().forEach((field, n) => {
      field.querySelector("[data-number]").textContent = say(this.words.areaWords, { number: n + 1 });
      field.querySelector("[data-drop-number]").textContent = ` ${n + 1}`;
      this.groups.get(field).querySelector("text").textContent = n + 1;
    });
    this.redraw();
  }

  redraw() {
    // Handles are as large on every screen, whatever the picture's size.
    const scale = this.width / (this.svg.clientWidth || this.width);
    this.fields().forEach((field, n) => {
      const group = this.groups.get(field);
      const [x, y, width, height] = this.box(field);
      const [shape, label, ...handles] = group.children;
      for (const [key, value] of Object.entries({ x, y, width: Math.max(width, 0), height: Math.max(height, 0) })) {
        shape.setAttribute(key, value);
      }
      label.setAttribute("x", x + this.width / 80);
      label.setAttribute("y", y + this.width / 80);
      label.setAttribute("font-size", this.width / 26);
      const size = (matchMedia("(pointer:coarse)").matches ? 28 : 14) * scale;
      for (const handle of handles) {
        const way = handle.dataset.way;
        handle.setAttribute("x", x + (way.includes("e") ? width - size : 0));
        handle.setAttribute("y", y + (way.includes("s") ? height - size : 0));
        handle.setAttribute("width", size);
        handle.setAttribute("height", size);
        handle.setAttribute("visibility", group.classList.contains("chosen") ? "visible" : "hidden");
      }
      const what = field.querySelector("[name$=-label]").value || chosenWords(field);
      const name = say(this.words.areaWords, { number: n + 1 });
      group.setAttribute("aria-label", `${name}: ${what}. ${this.where([x, y, width, height])}`);
      field.querySelector("[data-place]").textContent = `${x}, ${y} ・ ${width}×${height}`;
    });
    this.warn();
  }

  where([x, y, width, height]) {
    return say(this.words.atWords, { x, y, width, height });
  }

  // Snapping: to the grid, to the picture's edges, to other areas' edges

  steps() {
    const columns = Number(this.grid.value);
    if (!columns) return [1, 1];
    return [this.width / columns, this.height / Math.max(4, Math.round((columns * this.height) / this.width))];
  }

  lines(axis, but) {
    const [length, step] = axis === 0 ? [this.width, this.steps()[0]] : [this.height, this.steps()[1]];
    const found = [0, length];
    if (Number(this.grid.value)) {
      for (let at = step; at < length - 1; at += step) found.push(at);
    }
    for (const field of this.fields()) {
      if (field === but) continue;
      const box = this.box(field);
      found.push(box[axis], box[axis] + box[axis + 2]);
    }
    return found;
  }

  near(value, axis, but) {
    if (!Number(this.grid.value)) return value;
    const close = this.lines(axis, but).reduce((best, line) =>
      Math.abs(line - value) < Math.abs(best - value) ? line : best,
    );
    const reach = this.steps()[axis] / 2;
    return Math.abs(close - value) <= reach ? close : value;
  }

  snapped([x, y, width, height], but) {
    const left = this.near(x, 0, but);
    const top = this.near(y, 1, but);
    return this.inside([left, top, this.near(left + width, 0, but) - left, this.near(top + height, 1, but) - top]);
  }

  inside([x, y, width, height]) {
    const left = clamp(Math.round(x), 0, this.width - LEAST);
    const top = clamp(Math.round(y), 0, this.height - LEAST);
    return [left, top, clamp(Math.round(x + width) - left, LEAST, this.width - left), clamp(Math.round(y + height) - top, LEAST, this.height - top)];
  }

  moved(box, x, y) {
    return [clamp(x, 0, this.width - box[2]), clamp(y, 0, this.height - box[3]), box[2], box[3]].map(Math.round);
  }

  // Mouse and finger

  at(event) {
    const point = new DOMPoint(event.clientX, event.clientY);
    return point.matrixTransform(this.svg.getScreenCTM().inverse());
  }

  follow(event, target, moved, done) {
    target.setPointerCapture(event.pointerId);
    const move = (each) => moved(this.at(each));
    const end = () => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
      done?.();
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
  }

  drag(event, field) {
    const group = this.groups.get(field);
    if (event.button || (event.pointerType === "touch" && !group.classList.contains("chosen"))) return;
    event.preventDefault();
    event.stopPropagation();
    group.focus({ preventScroll: true });
    const start = this.at(event);
    const box = this.box(field);
    const way = event.target.dataset.way;
    this.follow(
      event,
      group,
      (now) => {
        const by = [now.x - start.x, now.y - start.y];
        this.put(field, way ? this.stretched(box, way, by, field) : this.shifted(box, by, field));
      },
      () => this.tell(field),
    );
  }

  shifted(box, [dx, dy], field) {
    let x = box[0] + dx;
    let y = box[1] + dy;
    const left = this.near(x, 0, field);
    const right = this.near(x + box[2], 0, field) - box[2];
    x = left !== x ? left : right;
    const top = this.near(y, 1, field);
    const bottom = this.near(y + box[3], 1, field) - box[3];
    y = top !== y ? top : bottom;
    return this.moved(box, x, y);
  }

  stretched([x, y, width, height], way, [dx, dy], field) {
    let [left, top, right, bottom] = [x, y, x + width, y + height];
    if (way.includes("w")) left = Math.min(this.near(left + dx, 0, field), right - LEAST);
    if (way.includes("e")) right = Math.max(this.near(right + dx, 0, field), left + LEAST);
    if (way.includes("n")) top = Math.min(this.near(top + dy, 1, field), bottom - LEAST);
    if (way.includes("s")) bottom = Math.max(this.near(bottom + dy, 1, field), top + LEAST);
    return this.inside([left, top, right - left, bottom - top]);
  }

  drawNew(event) {
    // A finger on the bare picture scrolls the page; areas are added by the button there.
    if (event.button || event.pointerType === "touch" || event.target.closest(".menu-area")) return;
    event.preventDefault();
    const start = this.at(event);
    const ghost = make("rect", { class: "menu-drawn" }, this.svg);
    let box = null;
    this.follow(
      event,
      this.svg,
      (now) => {
        const corner = [Math.min(start.x, now.x), Math.min(start.y, now.y)];
        box = this.snapped([...corner, Math.abs(now.x - start.x), Math.abs(now.y - start.y)]);
        SIDES.forEach((side, n) => ghost.setAttribute(side, box[n]));
      },
      () => {
        ghost.remove();
        if (box && box[2] > LEAST && box[3] > LEAST) this.add(box);
      },
    );
  }

  // Keys: arrows move, with Shift they resize, with Alt by one pixel; Delete removes, Enter edits

  key(event, field) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (way) {
      event.preventDefault();
      const fine = event.altKey || !Number(this.grid.value);
      const step = fine ? (event.altKey ? [1, 1] : [10, 10]) : this.steps();
      const [x, y, width, height] = this.box(field);
      const by = [way[0] * step[0], way[1] * step[1]];
      if (event.shiftKey) {
        const far = [this.onGrid(x + width + by[0], 0, fine), this.onGrid(y + height + by[1], 1, fine)];
        this.put(field, this.inside([x, y, way[0] ? far[0] - x : width, way[1] ? far[1] - y : height]));
      } else {
        const to = [this.onGrid(x + by[0], 0, fine), this.onGrid(y + by[1], 1, fine)];
        this.put(field, this.moved([x, y, width, height], way[0] ? to[0] : x, way[1] ? to[1] : y));
      }
      this.tell(field);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.drop(field);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      field.querySelector("[name$=-kind]").focus();
    }
  }

  onGrid(value, axis, fine) {
    const step = this.steps()[axis];
    return fine ? value : Math.round(value / step) * step;
  }

  tell(field) {
    this.live.textContent = this.where(this.box(field));
  }

  // What nobody may have meant

  warn() {
    const boxes = this.fields().map((field) => this.box(field));
    const lines = [];
    boxes.forEach((one, a) => {
      boxes.slice(a + 1).forEach((other, b) => {
        if (meet(one, other)) lines.push(say(this.words.overlapWords, { a: a + 1, b: a + b + 2 }));
      });
    });
    const free = 100 * (1 - covered(boxes, this.width, this.height) / (this.width * this.height));
    if (free >= 0.5) lines.push(say(this.words.gapWords, { percent: Math.round(free) }));
    const same = [...this.warnings.children].map((each) => each.textContent);
    if (same.join("\n") === lines.join("\n")) return;
    this.warnings.replaceChildren(
      ...lines.map((words) => Object.assign(document.createElement("li"), { textContent: words })),
    );
  }
}

function meet(one, other) {
  return [0, 1].every((n) => one[n] < other[n] + other[n + 2] && other[n] < one[n] + one[n + 2]);
}

function covered(boxes, width, height) {
  const inside = boxes.map(([x, y, w, h]) => [Math.max(x, 0), Math.max(y, 0), Math.min(x + w, width), Math.min(y + h, height)]);
  const edges = [...new Set(inside.flatMap(([left, , right]) => [left, right]))].sort((a, b) => a - b);
  let total = 0;
  for (let n = 0; n + 1 < edges.length; n++) {
    const spans = inside.filter(([left, , right]) => left <= edges[n] && edges[n + 1] <= right).sort((a, b) => a[1] - b[1]);
    let reached = 0;
    let high = 0;
    for (const [, top, , low] of spans) {
      high += Math.max(0, low - Math.max(top, reached));
      reached = Math.max(reached, low);
    }
    total += high * (edges[n + 1] - edges[n]);
  }
  return total;
}

function chosenWords(field) {
  const kind = field.querySelector("[name$=-kind]");
  return kind.selectedOptions[0]?.textContent ?? "";
}

function showKind(field) {
  const kind = field.querySelector("[name$=-kind]").value;
  for (const part of field.querySelectorAll("[data-kinds]")) {
    part.hidden = !part.dataset.kinds.split(" ").includes(kind);
  }
}

// What can be picked is said the way it is picked: a day, a time, or both.
function askForMoments(field, mode) {
  for (const input of field.querySelectorAll("[data-moment]")) {
    input.value = "";
    input.type = mode === "datetime" ? "datetime-local" : mode;
  }
}

// Tabs: one at a time

function tabs(sections, boards) {
  const list = document.querySelector("[data-tablist]");
  const links = [...list.querySelectorAll("a")];
  const opened = form.querySelector("[name=open]");
  const show = (n) => {
    sections.forEach((section, m) => (section.hidden = m !== n));
    links.forEach((link, m) => {
      link.setAttribute("aria-selected", String(m === n));
      link.tabIndex = m === n ? 0 : -1;
    });
    opened.value = n;
    boards[n].redraw();
  };
  if (links.length > 1) {
    const holder = document.createElement("div");
    holder.className = "menu-tabs";
    holder.setAttribute("role", "tablist");
    holder.setAttribute("aria-label", list.getAttribute("aria-label"));
    list.before(holder);
    links.forEach((link, n) => {
      holder.append(link);
      link.setAttribute("role", "tab");
      link.setAttribute("aria-controls", `tab-${n}`);
      sections[n].setAttribute("role", "tabpanel");
      link.addEventListener("click", (event) => {
        event.preventDefault();
        show(n);
      });
      link.addEventListener("keydown", (event) => {
        const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!way) return;
        event.preventDefault();
        const to = (n + way + links.length) % links.length;
        show(to);
        links[to].focus();
      });
    });
  } else {
    links.forEach((link) => (link.hidden = true));
  }
  // A mistake in a tab that is closed opens it.
  const wrong = sections.findIndex((section) => section.querySelector(".is-invalid, .invalid"));
  show(wrong >= 0 ? wrong : clamp(Number(opened.value), 0, sections.length - 1));
  for (const link of document.querySelectorAll("#wrong a")) {
    link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      const section = field?.closest("[data-tab]");
      if (!section) return;
      event.preventDefault();
      show(sections.indexOf(section));
      for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      field.focus();
    });
  }
}

// A tab's name is the same wherever it stands: on the tab, and where taps can switch to it.
function called(input, link) {
  const section = input.closest("[data-tab]");
  const call = () => {
    const name = input.value.trim() || section.dataset.tab;
    link.textContent = name;
    section.setAttribute("aria-label", name);
    const templates = [...document.querySelectorAll("[data-area-template]")].map((each) => each.content);
    for (const root of [form, ...templates]) {
      for (const option of root.querySelectorAll("[name$=-to] option")) {
        if (option.value === section.dataset.tab) option.textContent = name;
      }
    }
  };
  input.addEventListener("input", call);
  call();
}

// What the bar can still hold, in what people see as letters

function count(input) {
  const counted = document.querySelector(`#${CSS.escape(input.id)}-hint [data-counted]`);
  const show = () => {
    const found = [...new Intl.Segmenter().segment(input.value)].length;
    counted.textContent = `${found}/${input.dataset.count}`;
    counted.classList.toggle("over", found > Number(input.dataset.count));
  };
  input.addEventListener("input", show);
  show();
}

const sections = [...document.querySelectorAll("[data-tab]")];
const boards = sections.map((section) => new Board(section));
tabs(sections, boards);
const links = [...document.querySelectorAll("[data-tablist] a, [role=tablist] a")];
sections.forEach((section, n) => {
  const input = section.querySelector("[data-called]");
  if (input) called(input, links[n]);
});
document.querySelectorAll("[data-count]").forEach(count);
addEventListener("resize", () => boards.forEach((board) => board.redraw()));

// A file that is too large is not sent: the server would refuse the whole form, and with it
// everything that is not saved yet.
function fits(input) {
  const tooLarge = input.files[0]?.size > Number(input.dataset.most);
  const id = `${input.id}-error`;
  document.getElementById(id)?.remove();
  input.classList.toggle("is-invalid", tooLarge);
  if (!tooLarge) return input.files.length > 0;
  input.value = "";
  const said = { id, className: "invalid", textContent: input.dataset.heavyWords, role: "alert" };
  input.closest(".mb-3").append(Object.assign(document.createElement("p"), said));
  input.setAttribute("aria-describedby", `${input.id}-hint ${id}`);
  document.getElementById(id).scrollIntoView({ block: "center" }); // not behind the save bar
  return false;
}

// A picture that was chosen is looked at right away.
for (const input of document.querySelectorAll("[data-upload]")) {
  const button = input.parentElement.querySelector("button");
  const look = () => fits(input) && form.requestSubmit(button);
  button.hidden = true;
  input.addEventListener("change", look);
  if (input.files.length) look(); // chosen before this ran
}
document.querySelector("#wrong")?.focus();
