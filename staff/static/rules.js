// Rules: put in order by dragging, conditions built without reloading, people counted while typing.
// Every one of these is a button of a plain form as well.

// Dragging: the list is sent in the order it was left in.
const list = document.querySelector("#rules ol.rules");
const order = document.querySelector("#rules [name=order]");
if (list && list.querySelector(".grip")) {
  const movable = () => [...list.querySelectorAll(".rule:not(.last)")];

  const move = (rule, y) => {
    const next = movable().find((each) => {
      const box = each.getBoundingClientRect();
      return each !== rule && y < box.top + box.height / 2;
    });
    const before = next ?? list.querySelector(".rule.last");
    if (rule.nextElementSibling !== before) list.insertBefore(rule, before);
  };

  const send = () => {
    const now = movable().map((each) => each.dataset.n);
    if (now.every((n, at) => Number(n) === at)) return;
    order.disabled = false;
    order.value = now.join(",");
    const by = document.createElement("input");
    [by.type, by.name, by.value] = ["hidden", "do", "order"];
    order.form.append(by);
    order.form.requestSubmit();
  };

  for (const rule of movable()) {
    const grip = rule.querySelector(".grip");
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      rule.classList.add("dragged");
      // On the document: whoever is moved in the list loses hold of the pointer.
      const over = new AbortController();
      const on = { signal: over.signal };
      document.addEventListener("pointermove", (moved) => move(rule, moved.clientY), on);
      for (const end of ["pointerup", "pointercancel"]) {
        document.addEventListener(
          end,
          () => {
            over.abort();
            rule.classList.remove("dragged");
            send();
          },
          on,
        );
      }
    });
  }
}

// One rule: a step of the builder changes only the builder.
const form = document.querySelector("form#rule");
if (form) {
  const post = (what, piece) => {
    const fields = new FormData(form);
    fields.set("do", what);
    const headers = piece ? { "X-Piece": piece } : {};
    return fetch(location.href, { method: "POST", body: new URLSearchParams(fields), headers });
  };

  let asked = 0;
  const count = async () => {
    const mine = ++asked;
    const answer = await post("count", "count").catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    document.querySelector("#count").innerHTML = await answer.text();
  };
  let waiting = 0;
  const countSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(count, 500);
  };

  const dress = () => {
    for (const known of form.querySelectorAll(".known")) offer(known);
    for (const question of form.querySelectorAll(".question")) conceal(question);
  };

  // Known values are buttons that add a line.
  const offer = (known) => {
    const area = document.getElementById(known.dataset.for);
    if (!known.dataset.values) return;
    known.replaceChildren(
      ...JSON.parse(known.dataset.values).map((value) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "chip";
        button.textContent = value;
        button.addEventListener("click", () => {
          const lines = area.value.split("\n").filter((line) => line.trim());
          area.value = lines.includes(value)
            ? lines.filter((line) => line !== value).join("\n")
            : [...lines, value].join("\n");
          area.rows = Math.max(1, area.value.split("\n").length);
          countSoon();
        });
        return button;
      }),
    );
  };

  // What "is filled in" is compared with says nothing.
  const conceal = (question) => {
    const compare = question.querySelector("select[name$='.compare']");
    const value = question.querySelector(".asked.lines, .asked.ticks, .asked.day");
    if (!compare || !value) return;
    const look = () => (value.hidden = ["is_set", "is_not_set"].includes(compare.value));
    compare.addEventListener("change", look);
    look();
  };

  form.addEventListener("submit", async (event) => {
    const what = event.submitter?.value ?? "save";
    if (what === "save") return;
    event.preventDefault();
    event.stopPropagation();
    if (what === "count") return count();
    const answer = await post(what);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const built = page.querySelector("#when-card");
    if (!built) return location.reload();
    document.querySelector("#when-card").replaceWith(document.adoptNode(built));
    dress();
    const focus = document.querySelector("#when-card [data-focus]");
    focus?.querySelector("select:not([hidden]), textarea, input:not([type=hidden]), button")?.focus();
    countSoon();
  });
  form.addEventListener("input", countSoon);
  dress();
  countSoon();
}
