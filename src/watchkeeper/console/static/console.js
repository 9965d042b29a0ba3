// Small comforts; every page works without them.
"use strict";
(() => {
  // A form that only chooses what to look at sends itself.
  for (const field of document.querySelectorAll("[data-sends]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      button.textContent = "Copied";
    });
  }
  // Times are shown in UTC; on hover in the reader's own time zone.
  for (const time of document.querySelectorAll("time[datetime]")) {
    const stamp = new Date(time.getAttribute("datetime"));
    if (!Number.isNaN(stamp.getTime())) time.title = stamp.toLocaleString();
  }
})();
