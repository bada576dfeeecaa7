// How far a publishing is: asked again every few seconds, from wherever it is when the page opens.
const run = document.querySelector("#run[data-state]");
if (run) {
  const bar = document.querySelector("#run-bar");
  const look = async () => {
    const answer = await fetch(run.dataset.state, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) {
      const { done, all, ended, words } = await answer.json();
      if (ended) return location.reload();
      if (all) {
        bar.max = all;
        bar.value = done;
        document.querySelector("#run-all").textContent = all;
      }
      document.querySelector("#run-done").textContent = done;
      const said = document.querySelector("#run-words");
      if (said.textContent !== words) said.textContent = words;
    } else if (answer?.status === 401) {
      return location.reload();
    }
    setTimeout(look, run.dataset.again * 500);
  };
  setTimeout(look, 500);
}
