// Draws the figures of a page: each only when it comes near the screen, again when the theme changes.
// A figure is data (JSON in a script element that never runs); nothing here builds HTML from it.
"use strict";
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const swap = JSON.parse(document.getElementById("wk-swap")?.textContent ?? "{}");
  const config = { displayModeBar: false, responsive: true, displaylogo: false, scrollZoom: false, doubleClick: false };
  const drawn = new Set();
  let loading = null;

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);

  // Colours sit under keys that end in "color" or "colorscale"; only there are the light theme's replaced.
  function themed(value, coloured) {
    if (typeof value === "string") return coloured ? (swap[value] ?? value) : value;
    if (Array.isArray(value)) return coloured ? value.map((item) => themed(item, true)) : value.map((item) => themed(item, false));
    if (value === null || typeof value !== "object") return value;
    const copy = {};
    for (const key of Object.keys(value)) copy[key] = themed(value[key], /color(scale)?$/i.test(key));
    return copy;
  }

  // In the report Plotly lies in the page as text and is started when the first figure is wanted; in the console it is
  // a file of this server.
  function plotly() {
    if (window.Plotly) return Promise.resolve();
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const inline = document.getElementById("wk-plotly");
      if (inline.dataset.src) {
        script.onload = resolve;
        script.onerror = () => reject(new Error("The figure library did not load."));
        script.src = inline.dataset.src;
        document.head.append(script);
      } else {
        script.textContent = inline.textContent;
        document.head.append(script);
        resolve();
      }
    });
    return loading;
  }

  // On a narrow screen: level ticks, fewer of them, smaller names and the legend in one line where the figure scrolls in
  // its box (`seen` is what is seen of its width), and no glyph in a cell too small for one.
  function fit(data, width, seen) {
    if (seen < width) {
      data.layout.yaxis.tickfont.size = 10;
      data.layout.legend.font.size = 10;
      // beside the names of features there is room for the legend; elsewhere it would push the figure to the right
      if (data.data.some((trace) => trace.type === "heatmap")) data.layout.legend.x = -0.22;
    }
    for (const axis of [data.layout.xaxis, data.layout.yaxis]) {
      if (width < 560 && axis?.type === "date") Object.assign(axis, { nticks: 3, tickangle: 0 });
    }
    for (const trace of data.data) {
      if (trace.type === "heatmap" && (width - 150) / trace.x.length < 11) trace.texttemplate = "";
    }
  }

  async function draw(figure) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const shown = isDark() ? themed(data, false) : data;
    const place = figure.querySelector(".plot");
    fit(shown, place.clientWidth, place.parentElement.clientWidth);
    await plotly();
    await window.Plotly.react(place, shown.data, shown.layout, config);
    figure.dataset.drawn = "yes";
  }

  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting || drawn.has(entry.target)) continue;
        drawn.add(entry.target);
        draw(entry.target).catch((error) => { entry.target.querySelector(".plot").textContent = String(error.message); });
      }
    },
    { rootMargin: "240px" },
  );
  for (const figure of document.querySelectorAll("[data-figure]")) near.observe(figure);

  function redraw() { for (const figure of drawn) draw(figure); }
  dark.addEventListener("change", redraw);

  // The theme button goes light, dark, and back to what the system says.
  const button = document.getElementById("wk-theme");
  function label() {
    const now = root.dataset.theme;
    button.textContent = now === "dark" ? "Dark" : now === "light" ? "Light" : "Auto";
    button.setAttribute("aria-label", `Colour theme: ${button.textContent}. Change it.`);
  }
  function remember(theme) {
    try {
      if (theme) localStorage.setItem("wk-theme", theme);
      else localStorage.removeItem("wk-theme");
    } catch { /* a file or a private window keeps nothing; the choice still holds for this page */ }
  }
  if (button) {
    button.addEventListener("click", () => {
      const next = { undefined: "light", light: "dark", dark: undefined }[root.dataset.theme];
      if (next) root.dataset.theme = next;
      else delete root.dataset.theme;
      remember(next);
      label();
      redraw();
    });
    label();
    button.hidden = false;
  }

  window.addEventListener("beforeprint", () => { for (const figure of document.querySelectorAll("[data-figure]")) near.observe(figure); });
})();
