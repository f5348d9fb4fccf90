/* The editor of templates: its frame follows what is typed, and variables are inserted where the cursor is. */
(() => {
  "use strict";
  const SETTLE_MS = 3000; // a frame that never says that it has loaded is shown then
  const find = (selector) => document.querySelector(selector);
  let last = null; // the field that was written in last

  // A new frame is laid below the old one until it has loaded: nothing flickers, and no step is added to the history.
  const show = () => {
    const address = find("#outcome")?.dataset.frame;
    const place = find("[data-frames]");
    if (!place || !address || place.dataset.shown === address) return;
    place.dataset.shown = address;
    if (place.querySelector("iframe:last-of-type")?.getAttribute("src") === address) return;
    const frame = document.createElement("iframe");
    frame.title = "Preview";
    frame.setAttribute("sandbox", "");
    frame.className = "coming";
    const settle = () => {
      if (!frame.classList.contains("coming")) return;
      frame.classList.remove("coming");
      let before = frame.previousElementSibling;
      while (before) {
        const gone = before;
        before = before.previousElementSibling;
        gone.remove();
      }
    };
    frame.addEventListener("load", settle);
    setTimeout(settle, SETTLE_MS);
    frame.src = address;
    place.append(frame);
  };

  const offer = () => {
    for (const button of document.querySelectorAll("[data-declare]")) button.hidden = false;
  };
  const write = (field, text) => {
    field.focus();
    if (!document.execCommand("insertText", false, text)) { // keeps the steps that can be undone
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  const declare = (names) => {
    const field = find("#variables");
    const known = field.value.trimEnd();
    field.value = (known ? `${known}\n` : "") + names.split(" ").join("\n");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  addEventListener("focusin", (event) => {
    if (event.target.matches("#subject, #content, #text")) last = event.target;
  });
  addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]");
    if (insert) {
      const field = last?.isConnected ? last : find("#content");
      find("#pane-write").checked = true;
      write(field, `{{ ${insert.dataset.insert} }}`);
    }
    const button = event.target.closest("[data-declare]");
    if (button) declare(button.dataset.declare);
  });
  document.addEventListener("htmx:after:swap", () => {
    offer();
    show();
  });
  document.addEventListener("DOMContentLoaded", () => {
    offer();
    show();
  });
})();
