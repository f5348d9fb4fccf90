/* Lists: "/" goes to the search, one box ticks all rows, the bar says how many are ticked, the chooser closes. */
(() => {
  "use strict";
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const field = document.querySelector("[data-slash]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  const boxes = (form) => [...form.querySelectorAll("tbody .tick input")];
  const say = (form) => {
    const count = boxes(form).filter((box) => box.checked).length;
    for (const place of form.querySelectorAll("[data-selected]")) place.textContent = `${count} selected`;
    const every = form.querySelector("[data-tick-all]");
    if (every) {
      every.checked = count > 0 && count === boxes(form).length;
      every.indeterminate = count > 0 && !every.checked;
    }
  };
  addEventListener("change", (event) => {
    const form = event.target.closest(".listing");
    if (!form) return;
    if (event.target.matches("[data-tick-all]")) for (const box of boxes(form)) box.checked = event.target.checked;
    say(form);
  });
  // The chooser of columns closes as a menu does: by Escape, and by a press elsewhere.
  const opened = () => document.querySelector("details.chooser[open]");
  addEventListener("keydown", (event) => {
    const chooser = event.key === "Escape" && opened();
    if (!chooser) return;
    chooser.open = false;
    chooser.querySelector("summary").focus();
  });
  addEventListener("click", (event) => {
    const chooser = opened();
    if (chooser && !chooser.contains(event.target)) chooser.open = false;
  });
  addEventListener("pageshow", () => document.querySelectorAll(".listing").forEach(say));
})();
