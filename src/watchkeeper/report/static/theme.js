// Runs before the first paint, so that a chosen theme never flashes the other one.
"use strict";
(() => {
  try {
    const theme = localStorage.getItem("wk-theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  } catch { /* no storage: the system's theme holds */ }
})();
