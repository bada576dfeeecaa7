// Speaks with the simulator: every call the phone makes, and the stream that tells when to look again.

const BASE = "/phone/api";

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(method, path, body) {
  const response = await fetch(BASE + path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, reason(text) || response.statusText);
  return text ? JSON.parse(text) : {};
}

function reason(text) {
  try {
    const answer = JSON.parse(text);
    return answer.message || answer.error || "";
  } catch {
    return text.slice(0, 200);
  }
}

const at = (userId, verb = "") => `/people/${encodeURIComponent(userId)}${verb && `/${verb}`}`;

export const api = {
  config: () => ask("GET", "/config"),
  people: () => ask("GET", "/people"),
  addPerson: (person) => ask("POST", "/people", person),
  person: (userId) => ask("GET", at(userId)),
  follow: (userId) => ask("POST", at(userId, "follow"), {}),
  block: (userId) => ask("POST", at(userId, "block"), {}),
  unblock: (userId) => ask("POST", at(userId, "unblock"), {}),
  say: (userId, text) => ask("POST", at(userId, "say"), { text }),
  act: (userId, action, params) => ask("POST", at(userId, "act"), params ? { action, params } : { action }),
  open: (userId, url) => ask("POST", at(userId, "open"), { url }),
  read: (userId) => ask("POST", at(userId, "read"), {}),
  stream(userId, changed) {
    const source = new EventSource(BASE + at(userId, "stream"));
    source.addEventListener("message", (event) => changed(JSON.parse(event.data).version));
    source.addEventListener("open", () => changed(null));
    return () => source.close();
  },
};
