// Composing: the picture follows what is typed, after a moment's rest.
const form = document.querySelector("[data-compose]");
const show = form.querySelector("[value=show]");
let asked = 0;

form.addEventListener("change", async (event) => {
  if (event.target.name === "layout") {
    form.requestSubmit(show); // other cells: the whole page is another
    return;
  }
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "show");
  const answer = await fetch(form.action, { method: "POST", body });
  if (mine !== asked) return; // something newer was asked for meanwhile
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.querySelector(".menu-board-frame img");
  if (drawn) form.querySelector(".menu-board-frame").replaceChildren(drawn);
  for (const note of form.querySelectorAll(".menu-pale")) note.remove();
  const cells = form.querySelectorAll("fieldset");
  page.querySelectorAll("[data-compose] fieldset").forEach((cell, n) => {
    const note = cell.querySelector(".menu-pale");
    if (note && cells[n]) cells[n].append(note);
  });
});
