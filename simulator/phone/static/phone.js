// Puts the phone together: keeps one person's view up to date and lets taps become what LINE would do.

import { api } from "./api.js";
import { createChat } from "./chat.js";
import { ask, copy, leaveFor, pickMoment, placeDialogs, toast } from "./dialog.js";
import { avatar, el, labelOf } from "./dom.js";
import { createLiffView } from "./liffview.js";
import { createLog } from "./log.js";
import { createDock } from "./menu.js";
import { createPeople } from "./people.js";
import { createSms } from "./sms.js";
import { clock, currentLanguage, fillPage, setLanguage, t } from "./text.js";

const at = (id) => document.getElementById(id);
const state = {
  config: { account: { name: "" } },
  people: [],
  current: null,
  view: null,
  stop: null,
  asked: 0,
  readUpTo: null,
  again: 0,
  changing: false,
};

const DOTS_END = 5_000; // the waiting dots run out without the stream telling

const taps = { tap: perform, openLink: follow, say: toast };
const chat = createChat(at("chat"), at("quick"), taps);
const dock = createDock(at("dock"), {
  tap: perform,
  said: (text) => attempt(() => api.say(state.current, text)),
  unblock: () => change("unblock"),
  resized: () => chat.toEnd(true),
});
const log = createLog(at("log"));
const sms = createSms(at("sms"), at("notices"), { copy });
const people = createPeople(at("people"), at("add-person"), {
  choose,
  add: (person) => attempt(async () => choose((await api.addPerson(person)).userId)),
  follow: () => change("follow"),
  block: () => change("block"),
  unblock: () => change("unblock"),
});
const liff = createLiffView(at("sheets"), {
  above: [at("notices"), at("dialogs"), at("toasts")],
  name: () => state.config.account.name,
  language: () => state.view.person.language,
  opened: (host) => log.note("liff", "logLiff", { text: host }),
  closed: () => log.note("liff", "logLiffClosed"),
  openWindow: (url, external) => (external ? leaveFor(url) : follow(url)),
  befriend,
});

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(t("failed", { text: error.message }));
    return null;
  }
}

async function choose(userId) {
  liff.close(true);
  state.stop?.();
  Object.assign(state, { current: userId, view: null, readUpTo: null });
  at("settings").disabled = true;
  for (const part of [chat, dock, sms, log]) (part.reset ?? part.clear)();
  document.body.classList.remove("panel-open");
  history.replaceState(null, "", `?person=${encodeURIComponent(userId)}`);
  state.stop = api.stream(userId, refresh);
  await Promise.all([refresh(), refreshPeople()]);
}

// Looks again; an answer overtaken by a later question is dropped.
async function refresh() {
  const asked = ++state.asked;
  const userId = state.current;
  const view = await attempt(() => api.person(userId));
  if (!view || asked !== state.asked || userId !== state.current) return;
  state.view = view;
  show();
  markRead();
  refreshPeople();
  clearTimeout(state.again);
  if (view.loading) state.again = setTimeout(refresh, DOTS_END);
}

function show() {
  const { view, config } = state;
  at("screen").dataset.state = view.person.blocked ? "blocked" : view.person.friend ? "friend" : "stranger";
  at("welcome").hidden = view.person.friend || view.person.blocked;
  at("dock").hidden = !at("welcome").hidden;
  at("settings").disabled = state.changing;
  dock.update(view);
  chat.update(view, config.account);
  sms.update(view);
  log.update(view);
}

function markRead() {
  const last = state.view.chat.at(-1)?.id;
  if (!last || last === state.readUpTo || document.hidden) return;
  state.readUpTo = last;
  api.read(state.current).catch(() => {
    state.readUpTo = null;
  });
}

async function refreshPeople() {
  const current = state.current;
  const list = await api.people().catch(() => null);
  document.body.classList.toggle("offline", list === null);
  if (list) state.people = list;
  people.update(state.people, state.current);
  if (current === state.current && list) await chooseSomebody(list);
}

// At the start it is whom the address names; later, somebody else when the platform forgot everybody.
async function chooseSomebody(list) {
  if (list.length === 0) document.body.classList.add("panel-open");
  if (list.length === 0 || list.some((person) => person.userId === state.current)) return;
  const wanted = new URLSearchParams(location.search).get("person");
  await choose((list.find((person) => person.userId === wanted) ?? list[0]).userId);
}

// What can be changed next is known when the platform has told what became of this.
async function change(verb) {
  at("settings").disabled = state.changing = true;
  await attempt(() => api[verb](state.current));
  state.changing = false;
  await refresh();
}

async function befriend() {
  if (state.view.person.friend) return true;
  const yes = await ask(state.config.account.name, el("p", { class: "dialog-words" }, t("followHint")), [
    { label: t("cancel"), value: false },
    { label: t("follow"), value: true, kind: "main" },
  ]);
  if (yes) await change("follow");
  return Boolean(yes);
}

const LOCAL = {
  clipboard: (action) => copy(action.clipboardText),
  camera: elsewhere,
  cameraRoll: elsewhere,
  location: elsewhere,
};

function elsewhere() {
  toast(t("notHere"));
}

async function perform(action) {
  log.note("tap", "logTap", { text: `${labelOf(action)} (${action.type})` });
  if (LOCAL[action.type]) return LOCAL[action.type](action);
  const params = action.type === "datetimepicker" ? await pickMoment(action) : undefined;
  if (params === null) return undefined;
  dock.follow(action);
  return went(await attempt(() => api.act(state.current, action, params)));
}

async function follow(url) {
  went(await attempt(() => api.open(state.current, url)));
}

function went(answer) {
  if (answer?.liff) liff.open(answer.liff);
  else if (answer?.open) leaveFor(answer.open);
}

async function chatSettings() {
  const { blocked, friend } = state.view.person;
  const verb = blocked ? "unblock" : friend ? "block" : "follow";
  const chosen = await ask(t("chatMenu"), "", [
    { label: t(verb), value: verb, kind: verb === "block" ? "danger" : "main" },
    { label: t("cancel"), value: null },
  ]);
  if (chosen) await change(chosen);
}

function dress() {
  fillPage();
  const { account } = state.config;
  at("account-name").textContent = account.name;
  at("welcome-name").textContent = account.name;
  at("welcome-avatar").replaceChildren(avatar(account.name, account.picture));
  at("clock").textContent = clock(Date.now());
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === currentLanguage()));
  }
}

function redress() {
  dress();
  people.update(state.people, state.current);
  if (!state.view) return;
  chat.clear();
  show();
}

function wire() {
  placeDialogs(at("dialogs"), at("toasts"));
  at("follow").addEventListener("click", () => change("follow"));
  at("settings").addEventListener("click", chatSettings);
  at("to-people").addEventListener("click", () => document.body.classList.add("panel-open"));
  at("close-panel").addEventListener("click", () => document.body.classList.remove("panel-open"));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      setLanguage(button.dataset.language);
      redress();
    });
  }
  document.addEventListener("visibilitychange", () => state.view && markRead());
  setInterval(() => {
    at("clock").textContent = clock(Date.now());
  }, 10_000);
  setInterval(() => document.hidden || refreshPeople(), 4_000);
}

async function start() {
  wire();
  dress();
  state.config = (await attempt(() => api.config())) ?? state.config;
  dress();
  await refreshPeople();
}

start();
