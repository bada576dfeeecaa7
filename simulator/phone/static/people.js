// The side panel: who there is to be, what they are to the account, and adding somebody new.

import { avatar, el } from "./dom.js";
import { t } from "./text.js";

const LANGUAGES = { ja: "日本語", en: "English", "zh-Hant": "繁體中文", th: "ไทย" };

export function createPeople(list, form, hooks) {
  let drawn = "";

  function update(people, current) {
    const key = JSON.stringify([people, current, document.documentElement.lang]);
    if (key === drawn) return;
    drawn = key;
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    list.replaceChildren(...people.map((person) => row(person, person.userId === current)));
    if (focused) list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  function row(person, chosen) {
    const button = el(
      "button",
      {
        type: "button",
        class: "person-button",
        "aria-current": chosen ? "true" : undefined,
        dataset: { focus: person.userId },
        onclick: () => hooks.choose(person.userId),
      },
      avatar(person.name, null, person.userId),
      el("span", { class: "person-words" }, el("strong", {}, person.name), el("small", {}, about(person))),
      person.unread && !chosen ? el("span", { class: "unread" }, String(person.unread)) : null,
    );
    return el("li", { class: chosen ? "person chosen" : "person" }, button, chosen ? steps(person) : null);
  }

  function steps(person) {
    const [state, verb] = person.blocked
      ? ["blocked", "unblock"]
      : person.friend
        ? ["friend", "block"]
        : ["notFriend", "follow"];
    return el(
      "div",
      { class: "person-steps" },
      el("span", { class: `state ${state}` }, t(state)),
      el(
        "button",
        {
          type: "button",
          class: "small-button",
          dataset: { focus: verb },
          onclick: () => hooks[verb](person.userId),
        },
        t(verb),
      ),
    );
  }

  function about(person) {
    return [LANGUAGES[person.language] ?? person.language, person.phone].filter(Boolean).join(" · ");
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, language, phone } = form.elements;
    if (!name.value.trim()) return;
    await hooks.add({ name: name.value.trim(), language: language.value, phone: phone.value });
    name.value = "";
    phone.value = someNumber();
    form.closest("details").open = false;
  });
  form.elements.phone.value = someNumber();
  form.elements.language.append(
    ...Object.entries(LANGUAGES).map(([code, label]) => el("option", { value: code }, label)),
  );

  return { update };
}

// A number of the shape of a Japanese mobile: a text message can reach the new person at once.
function someNumber() {
  return `+8190${10_000_000 + Math.floor(Math.random() * 90_000_000)}`;
}
