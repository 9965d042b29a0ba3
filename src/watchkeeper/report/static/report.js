// Filters the list of columns by name and by verdict.
"use strict";
(() => {
  const text = document.getElementById("find");
  const verdict = document.getElementById("only");
  const count = document.getElementById("shown");
  const items = [...document.querySelectorAll(".columns > li")];
  function filter() {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      const fits = item.dataset.name.includes(wanted) && (!verdict.value || item.dataset.verdict === verdict.value);
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} of ${items.length} columns`;
  }
  text.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
})();
