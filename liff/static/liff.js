// What the pages do beyond plain HTML: sign in with LINE, count down, close, never send twice.
(() => {
  "use strict";
  const main = document.getElementById("main");
  const conf = main.dataset;
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const one = (what) => document.querySelector(what);
  const sdk = () => window.liff;

  // LINE brings a login in the address to its LIFF browser alone. In any other browser it is in a
  // link that somebody made: whoever followed it would link themselves to that one's account. (In a
  // frame we are shown by whom FRAME_ANCESTORS trusts, which is nobody but for trials.)
  const brought = /[#&](access|id|context|feature)_token=/.test(location.hash);
  const opened = /\bLine\/.*\bLIFF\b/.test(navigator.userAgent) || window.parent !== window;
  if (brought && !opened) history.replaceState(null, "", location.pathname + location.search);

  // LINE's script: a page that does not bring it loads it when it is first needed.
  const arrival = (script) => {
    const arrived = new Promise((loaded, failed) => {
      script.addEventListener("load", loaded);
      script.addEventListener("error", failed);
    });
    arrived.catch(() => {});
    return arrived;
  };
  const tag = document.getElementById("sdk"); // stands behind ours, so that it runs behind ours
  const coming = tag && arrival(tag);
  const load = () => {
    if (coming) return coming;
    const script = document.createElement("script");
    script.src = conf.sdk;
    document.head.append(script);
    return arrival(script);
  };

  // LINE's script, begun once: resolves to whether we are inside LINE, rejects when it cannot.
  let begun;
  const begin = () =>
    (begun ??= load().then(async () => {
      await sdk().init({ liffId: conf.liff });
      return sdk().isInClient();
    }));

  const send = (address, said) =>
    fetch(address, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": conf.csrf,
      },
      body: JSON.stringify(said),
    });

  const pause = (seconds) => new Promise((over) => setTimeout(over, seconds * 1000));

  const appLanguage = () => (sdk().getAppLanguage || sdk().getLanguage)?.call(sdk()) || "";

  const close = () => {
    sdk()?.closeWindow?.();
  };

  // Signing in
  const show = (state) => {
    for (const part of all("[data-state]")) part.hidden = part.dataset.state !== state;
    const heading = one(`[data-state="${state}"] h1`);
    if (state !== "wait" && heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
  };

  const refused = (said) => {
    one("[data-title]").textContent = said.title;
    one("[data-words]").textContent = said.words;
    const help = said.help || "reload";
    for (const part of all("[data-help]")) part.hidden = part.dataset.help !== help;
    if (help === "log-in" && sdk().isLoggedIn()) sdk().logout();
    show("refused");
  };

  const onceMore = () => {
    const key = "musubi.again";
    if (sessionStorage.getItem(key)) return false;
    sessionStorage.setItem(key, "1");
    location.reload();
    return true;
  };

  const present = async (inside) => {
    const answer = await send(conf.session, {
      id_token: sdk().getIDToken() || "",
      language: appLanguage(),
      place: conf.place,
      inside,
    });
    const said = await answer.json();
    if (answer.ok) {
      sessionStorage.removeItem("musubi.again");
      location.replace(said.go);
    } else if (!["page_old", undefined].includes(said.what) || !onceMore()) {
      // Without a `what` the form token was stale: on Android LINE's script loads the page once
      // more after the log-in, while this page's token was already taken.
      refused(said);
    }
  };

  // The token may have gone ahead (first.js). LINE's script is to find the address as LINE made it,
  // here and on the page it moves on to; by then that page is open to whoever is signed in.
  const BEGINS = "musubi.begins";
  const signIn = async () => {
    const signedIn = await Promise.race([window.ahead, pause(8)]);
    try {
      if (signedIn) sessionStorage.setItem(BEGINS, "1");
      const inside = await begin();
      // The SDK is about to move on to the page that the link named, and will begin again there.
      if (new URLSearchParams(location.search).has("liff.state")) await pause(3);
      if (signedIn) location.replace(signedIn.go);
      else if (sdk().isLoggedIn()) await present(inside);
      else show("log-in");
    } catch {
      if (signedIn) location.replace(signedIn.go);
      else show("offline");
    }
  };

  // On the page that the token opened: what LINE's script knows better than the browser
  const settle = async () => {
    sessionStorage.removeItem(BEGINS);
    await begin();
    const own = document.documentElement.lang;
    const language = appLanguage();
    if (!language || language.split("-")[0] === own.split("-")[0]) return;
    const answer = await send(conf.language, { language });
    if (answer.ok && (await answer.json()).language !== own) location.reload();
  };

  if (conf.session) {
    for (const button of all("[data-log-in]"))
      button.addEventListener("click", () =>
        sdk().login({ redirectUri: location.origin + location.pathname }),
      );
    for (const button of all("[data-reload]"))
      button.addEventListener("click", () => location.reload());
    show("wait");
    signIn();
  } else if ("begins" in conf) {
    // Inside LINE a page can close itself; elsewhere it says that it may be closed.
    begin().then(
      (inside) => {
        if (!inside) return;
        for (const part of all("[data-in-line]")) part.hidden = false;
        for (const part of all("[data-outside]")) part.hidden = true;
        if (conf.closing) setTimeout(close, conf.closing * 1000);
      },
      () => {},
    );
  } else {
    try {
      if (sessionStorage.getItem(BEGINS)) settle().catch(() => {});
    } catch {}
  }
  for (const button of all("[data-close]")) button.addEventListener("click", close);

  // Unlinking: LINE is told by the access token, if LINE's script gives one in time.
  for (const form of all("form[data-access]"))
    form.addEventListener("submit", async (event) => {
      if (form.dataset.ready) return;
      event.preventDefault();
      await Promise.race([begin().catch(() => {}), pause(4)]);
      try {
        form.elements.access_token.value = sdk().getAccessToken() || "";
      } catch {}
      form.dataset.ready = "1";
      form.submit();
    });

  // A form goes out once
  for (const form of all("form"))
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent && !form.dataset.ready) return event.preventDefault();
      form.dataset.sent = "1";
      const button = form.querySelector("button:not(.link)");
      button?.classList.add("busy");
      button?.setAttribute("aria-busy", "true");
    });
  addEventListener("pageshow", () => {
    for (const form of all("form")) {
      delete form.dataset.sent;
      delete form.dataset.ready;
    }
    for (const button of all(".busy")) {
      button.classList.remove("busy");
      button.removeAttribute("aria-busy");
    }
  });

  // The code: sent off by its sixth digit, by typing, pasting or the keyboard's suggestion
  for (const form of all("form[data-code]")) {
    const box = form.elements.code;
    box.classList.add("code");
    const look = () => {
      const digits = box.value.normalize("NFKC").replace(/\D/g, "").slice(0, 6);
      if (digits !== box.value && !box.isComposing) box.value = digits;
      if (digits.length === 6) form.requestSubmit?.();
    };
    box.addEventListener("input", look);
    // Whoever is in it already was quicker than this; a code that the browser remembers stays.
    if (document.activeElement === box) look();
  }

  // Another code: counted down to
  for (const button of all("[data-wait]")) {
    const words = button.textContent;
    const until = Date.now() + button.dataset.wait * 1000;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? button.dataset.counting.replace("%", left) : words;
      if (left > 0) setTimeout(tick, 500);
    };
    tick();
  }

  (one("[data-focus]") || one("[aria-invalid]"))?.focus();
})();
