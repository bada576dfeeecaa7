// Composing: the picture, and what cannot be drawn or read in it, follow what is typed.
const form = document.querySelector("[data-compose]");
const show = form.querySelector("[value=show]");
const paint = form.querySelector("[value=paint]");
let asked = 0;
let waiting = 0;

async function draw() {
  clearTimeout(waiting);
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "show");
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (!answer || mine !== asked) return; // the button is there still; or something newer was asked
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.querySelector(".menu-board-frame img");
  if (drawn) form.querySelector(".menu-board-frame").replaceChildren(drawn);
  const said = page.querySelectorAll("[data-notes]");
  form.querySelectorAll("[data-notes]").forEach((notes, n) => {
    if (said[n] && notes.innerHTML !== said[n].innerHTML) notes.innerHTML = said[n].innerHTML;
  });
}

function follow({ name, value }) {
  if (name === "layout") form.requestSubmit(show); // other cells: another page
  else if (name === "palette") value && form.requestSubmit(paint);
  else draw();
}

paint.hidden = true; // choosing is enough
form.addEventListener("change", (event) => follow(event.target));
form.addEventListener("input", (event) => {
  if (event.target.name === "palette") return;
  clearTimeout(waiting);
  waiting = setTimeout(draw, 700); // after a moment's rest
});

// What was chosen or typed before this ran is followed now.
if (form.dataset.early) {
  const { layout, palette } = form.elements;
  const chosen = [layout, palette].find((each) => !each.selectedOptions[0].defaultSelected);
  if (chosen) follow(chosen);
  else draw();
}
