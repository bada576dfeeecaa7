/*
 * The simulator's stand-in for LINE's LIFF SDK: same names, same redirects, same storage, but it talks to
 * the host it was loaded from. Production pages load LINE's own SDK; nothing here is made by LINE.
 * Left out on purpose: checking the ID token's signature in the page (the server has to do that anyway).
 */
(function () {
  "use strict";

  const ORIGIN = new URL(document.currentScript.src).origin;
  const VERSION = "2.31.2";
  const HASH_FIELDS = ["access_token", "context_token", "feature_token", "id_token", "client_id"];
  const LOGIN_FIELDS = ["code", "state", "liffClientId", "liffRedirectUri", "friendship_status_changed"];
  let config = null;
  let announceReady;
  const ready = new Promise((resolve) => { announceReady = resolve; });

  class LiffError extends Error {
    constructor(code, message, options) {
      super(message, options);
      this.name = "LiffError";
      this.code = code;
    }
  }

  // ---- what is kept: sessionStorage inside LINE, localStorage in other browsers

  const IN_CLIENT = "LIFF_STORE:inClient";
  const hash = () => new URLSearchParams(location.hash.slice(1));
  const isInClient = () => hash().has("access_token") || sessionStorage.getItem(IN_CLIENT) === "1";
  const shelf = () => (isInClient() ? sessionStorage : localStorage);
  const keyOf = (name) => `LIFF_STORE:${config.liffId}:${name}`;

  function keep(name, value) {
    if (value === undefined || value === null) shelf().removeItem(keyOf(name));
    else shelf().setItem(keyOf(name), JSON.stringify(value));
  }

  function kept(name) {
    if (!config) return null;
    const text = shelf().getItem(keyOf(name));
    return text === null ? null : JSON.parse(text);
  }

  function payloadOf(token) {
    const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  }

  function keepTokens({ accessToken, idToken, clientId, seconds }) {
    keep("accessToken", accessToken);
    keep("expires", Date.now() + seconds * 1000);
    keep("clientId", clientId);
    keep("IDToken", idToken);
    keep("decodedIDToken", idToken ? payloadOf(idToken) : null);
  }

  // ---- talking to the platform
  async function call(path, { method = "GET", token, json, form } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (json) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(ORIGIN + path, { method, headers, body: json ? JSON.stringify(json) : form });
    } catch (cause) {
      throw new LiffError("UNKNOWN", `No answer from ${ORIGIN}`, { cause });
    }
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const reason = answer.error_description || answer.message || response.statusText;
    throw new LiffError(String(response.status), reason);
  }

  const verify = (token) => call(`/oauth2/v2.1/verify?access_token=${encodeURIComponent(token)}`);

  async function fetchContext() {
    const answer = await call(`/liff/v2/apps/${config.liffId}/contextToken`, { token: kept("accessToken") });
    if (!answer.contextToken) throw new LiffError("INIT_FAILED", "Can not get context from server.");
    keep("context", payloadOf(answer.contextToken));
  }

  // ---- init: sign in from the hash or the code, follow liff.state, then clean the address

  async function init(options, succeeded, failed) {
    try {
      if (!options?.liffId) throw new LiffError("INVALID_CONFIG", "liffId is necessary for liff.init()");
      config = { ...options };
      liff.id = config.liffId;
      await enter();
      if (config.withLoginOnExternalBrowser && !isLoggedIn()) {
        await login();
        await never();
      }
      announceReady();
      succeeded?.();
    } catch (error) {
      failed?.(error);
      throw error;
    }
  }

  const never = () => new Promise(() => {});

  async function enter() {
    const query = new URLSearchParams(location.search);
    if (query.has("error") && query.has("liffOAuth2Error")) {
      throw new LiffError("INIT_FAILED", `${query.get("error")}: ${query.get("error_description")}`);
    }
    if (!isInClient() && kept("accessToken") && !isLoggedIn()) logout();
    const returned = isInClient() ? await enterInClient() : await enterOutside(query);
    if (query.has("liff.state")) await followState(query.get("liff.state"));
    cleanAddress(returned);
  }

  async function enterInClient() {
    const given = hash();
    if (given.has("access_token")) await acceptHash(given);
    if (!isLoggedIn()) throw new LiffError("INIT_FAILED", "Failed to parse feature_token or access_token");
    if (!kept("context")) await fetchContext();
    return false;
  }

  async function acceptHash(given) {
    const accessToken = given.get("access_token");
    const checked = await verify(accessToken);
    if (checked.client_id !== config.liffId.split("-")[0]) {
      throw new LiffError("INIT_FAILED", "Failed to verify access_token");
    }
    sessionStorage.setItem(IN_CLIENT, "1");
    const [idToken, clientId] = [given.get("id_token"), given.get("client_id")];
    keepTokens({ accessToken, idToken, clientId, seconds: checked.expires_in });
    keep("featureToken", given.get("feature_token"));
    keep("context", given.has("context_token") ? payloadOf(given.get("context_token")) : null);
  }

  // Tells whether a login came back with a code that is now spent.
  async function enterOutside(query) {
    const attempt = kept("loginTmp");
    const returned = query.has("code") && !isLoggedIn() && Boolean(attempt);
    if (returned) await exchange(query, attempt.codeVerifier);
    else if (!isLoggedIn()) await fetchContext();
    return returned;
  }

  async function exchange(query, verifier) {
    const clientId = query.get("liffClientId") || config.liffId.split("-")[0];
    const form = new URLSearchParams({
      grant_type: "authorization_code", client_id: clientId, appId: config.liffId, code: query.get("code"),
      code_verifier: verifier, redirect_uri: query.get("liffRedirectUri") || "", id_token_key_type: "JWK",
    });
    keep("loginTmp", null);
    const answer = await call("/oauth2/v2.1/token", { method: "POST", form });
    const { access_token: accessToken, id_token: idToken, expires_in: seconds } = answer;
    keepTokens({ accessToken, idToken, clientId, seconds });
    await fetchContext();
  }

  // The secondary redirect: endpoint URL + path, query and hash of liff.state. init() does not resolve here.
  async function followState(state) {
    const target = underEndpoint(state);
    if (target === location.href) return;
    location.replace(target);
    await never();
  }

  function underEndpoint(state) {
    const context = kept("context");
    if (!context?.endpointUrl) throw new LiffError("INIT_FAILED", "Could not get endpointUrl from server.");
    const endpoint = new URL(context.endpointUrl);
    const extra = new URL(endpoint.origin + (state.startsWith("/") ? state : `/${state}`));
    const query = endpoint.search ? extra.search.replace("?", "&") : extra.search;
    let path = (endpoint.pathname + extra.pathname).replace(/\/{2,}/g, "/");
    const slashWanted = [context.endpointUrl, state].some((url) => url.split(/[?#]/)[0].endsWith("/"));
    if (path.length > 1 && path.endsWith("/") && !slashWanted) path = path.slice(0, -1);
    return endpoint.origin + path + endpoint.search + query + extra.hash;
  }

  function cleanAddress(spentLogin) {
    const url = new URL(location.href);
    const secret = (part) => HASH_FIELDS.includes(part.split("=")[0]);
    url.hash = url.hash.slice(1).split("&").filter((part) => !secret(part)).join("&");
    if (spentLogin) LOGIN_FIELDS.forEach((name) => url.searchParams.delete(name));
    if (url.href !== location.href) history.replaceState(history.state, "", url.href);
  }

  // ---- logging in and out

  function isLoggedIn() {
    return Boolean(kept("accessToken")) && Date.now() < (kept("expires") || 0);
  }

  async function login(options) {
    const verifier = randomText(43);
    keep("loginTmp", { codeVerifier: verifier });
    const query = new URLSearchParams({
      app_id: config.liffId, state: randomText(12), response_type: "code", code_challenge_method: "S256",
      code_challenge: await challengeOf(verifier), liff_sdk_version: VERSION,
    });
    if (options?.redirectUri) query.set("redirect_uri", options.redirectUri);
    location.href = `${ORIGIN}/liff/v1/authorize?${query}`;
  }

  function randomText(length) {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    return Array.from(bytes, (byte) => letters[byte % letters.length]).join("");
  }

  async function challengeOf(verifier) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
    return base64.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  }

  function logout() {
    const mine = Object.keys(shelf()).filter((key) => key.startsWith(keyOf("")));
    mine.forEach((key) => shelf().removeItem(key));
  }

  // ---- asking

  function tokenOrThrow() {
    if (isLoggedIn()) return kept("accessToken");
    throw new LiffError("UNAUTHORIZED", "Need access_token for api call, Please login first");
  }

  const getProfile = async () => call("/v2/profile", { token: tokenOrThrow() });
  const getFriendship = async () => call("/friendship/v1/status", { token: tokenOrThrow() });
  const granted = async () => (await verify(tokenOrThrow())).scope.split(" ");
  const stateOf = async (scope) => ({ state: (await granted()).includes(scope) ? "granted" : "prompt" });

  async function sendMessages(messages) {
    if (!isInClient()) throw new LiffError("FORBIDDEN", "liff.sendMessages() is only available in LINE");
    if (!Array.isArray(messages) || messages.length < 1 || messages.length > 5) {
      throw new LiffError("INVALID_ARGUMENT", "Number of messages should be in range 1 to 5.");
    }
    await call("/message/v3/share", { method: "POST", token: tokenOrThrow(), json: { messages } });
  }

  async function createUrlBy(url) {
    const endpoint = new URL(kept("context")?.endpointUrl ?? location.href);
    const wanted = new URL(url);
    if (wanted.origin !== endpoint.origin || !wanted.pathname.startsWith(endpoint.pathname)) {
      throw new LiffError("INVALID_ARGUMENT", "The URL is not under the endpoint URL.");
    }
    const path = wanted.pathname.slice(endpoint.pathname.length).replace(/^\/?(?=.)/, "/");
    return `${ORIGIN}/${config.liffId}${path}${wanted.search}${wanted.hash}`;
  }

  // ---- the window: inside LINE this is the phone's sheet, which listens to these messages

  const framed = () => window.parent !== window;
  const language = () => /^LINE:(.+)$/.exec(window.name)?.[1] ?? navigator.language;
  const tell = (type, more) => window.parent.postMessage({ type, ...more }, "*");
  const closeWindow = () => (framed() ? tell("liff:close") : window.close());

  function openWindow(options) {
    if (!options?.url) throw new LiffError("INVALID_ARGUMENT", "Invalid parameters for liff.openWindow()");
    if (framed()) tell("liff:open-window", { url: options.url, external: Boolean(options.external) });
    else window.open(options.url, "_blank");
  }

  // Resolves when the person has answered, whatever they said: getFriendship() tells.
  async function requestFriendship() {
    if (!framed()) throw new LiffError("FORBIDDEN", "liff.requestFriendship() is only available in LINE");
    const isAnswer = ({ source, data }) => source === window.parent && data?.type === "liff:friendship";
    const answered = new Promise((resolve) => {
      window.addEventListener("message", (event) => isAnswer(event) && resolve());
    });
    tell("liff:request-friendship");
    await answered;
  }

  const osOf = (ua) => (/iPhone|iPad|iPod/.test(ua) ? "ios" : /Android/.test(ua) ? "android" : "web");
  const IN_CLIENT_ONLY = new Set(["sendMessages", "requestFriendship"]);
  const isApiAvailable = (name) => name in liff && (!IN_CLIENT_ONLY.has(name) || isInClient());

  const liff = {
    id: null,
    ready,
    init,
    isInClient, isLoggedIn, isApiAvailable, isSubWindow: () => false,
    login, logout,
    getIDToken: () => kept("IDToken"),
    getDecodedIDToken: () => kept("decodedIDToken"),
    getAccessToken: () => kept("accessToken"),
    getContext: () => kept("context"),
    getProfile, getFriendship, requestFriendship, sendMessages,
    permission: { query: stateOf, getGrantedAll: granted },
    permanentLink: { createUrlBy },
    closeWindow, openWindow,
    getOS: () => osOf(navigator.userAgent),
    getLanguage: language, getAppLanguage: language,
    getVersion: () => VERSION,
    getLineVersion: () => (isInClient() ? "15.12.0" : null),
  };

  window.liff = liff;
})();
