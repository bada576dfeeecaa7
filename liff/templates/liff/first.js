{#- LINE's own browser finds the ID token in the address. It goes to us at once, while LINE's script
    is still on its way; without one, or when it is refused, liff.js signs in as ever.

    Only on the first page of a visit is the address LINE's own. The page that LINE's script moves on
    to, or comes back to, has the address that a link named, perhaps with somebody else's token. -#}
{
  const said = document.currentScript.dataset;
  const token = new URLSearchParams(location.hash.slice(1)).get("id_token");
  const opened = /\bLine\/.*\bLIFF\b/.test(navigator.userAgent) || window.parent !== window;
  let fresh = false;
  try {
    fresh = !sessionStorage.getItem("musubi.first");
    sessionStorage.setItem("musubi.first", "1");
  } catch {}
  if (said.first && opened && fresh && token)
    window.ahead = fetch(said.session, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": said.csrf,
      },
      body: JSON.stringify({ id_token: token, place: said.first, inside: true }),
    })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
}
