// Adds the columns that the page keeps as text, when they are wanted, and filters the list by name and by verdict.
"use strict";
(() => {
  const list = document.querySelector("ul.columns");
  const text = document.getElementById("find");
  const verdict = document.getElementById("only");
  const count = document.getElementById("shown");
  const more = document.getElementById("more");
  const waiting = [...document.querySelectorAll("script.waiting")];
  const total = Number(count.dataset.total);

  // Each waiting script holds list items that the server wrote and escaped; it never runs, and nor does what is parsed.
  function add() {
    const next = waiting.shift();
    if (next) list.append(...new DOMParser().parseFromString(next.textContent, "text/html").body.children);
    more.hidden = waiting.length === 0;
  }

  function filter() {
    const wanted = text.value.trim().toLowerCase();
    if (wanted || verdict.value) while (waiting.length) add();
    let shown = 0;
    for (const item of list.children) {
      const fits = item.dataset.name.includes(wanted) && (!verdict.value || item.dataset.verdict === verdict.value);
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    count.textContent = `${shown} of ${total} listed`;
  }

  // What is inside an added column stays a template, which costs the page nothing, until it is opened.
  function open(event) {
    const inside = event.target.querySelector("template");
    if (inside) inside.replaceWith(inside.content);
  }

  list.addEventListener("toggle", open, true);
  function addAndTell() { add(); filter(); }
  more.hidden = waiting.length === 0;
  more.addEventListener("click", addAndTell);
  new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && waiting.length) addAndTell(); }, { rootMargin: "400px" }).observe(more);
  text.addEventListener("input", filter);
  verdict.addEventListener("change", filter);
  window.addEventListener("beforeprint", () => { while (waiting.length) add(); });
})();
