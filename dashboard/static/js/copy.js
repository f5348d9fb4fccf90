/* Buttons that copy a text, and pages that are answers to a form: their address becomes one that can be reloaded. */
(() => {
  "use strict";
  const copied = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy"); // without https there is no clipboard
    area.remove();
    return isDone;
  };
  const write = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copied(text);
    }
  };
  addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const says = button.querySelector("[data-copy-says]");
    const before = (says.dataset.before ??= says.textContent);
    const isDone = await write(document.getElementById(button.dataset.copy).textContent);
    button.focus();
    says.textContent = isDone ? "Copied" : "Select it";
    says.setAttribute("role", "status");
    button.dataset.said = ""; // a button that has only a picture shows the word meanwhile
    setTimeout(() => {
      says.textContent = before;
      delete button.dataset.said;
    }, 2000);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector("[data-once]")) location.reload(); // what was left is not shown again
  });
  const show = () => {
    for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };
  document.addEventListener("htmx:after:swap", show);
  document.addEventListener("DOMContentLoaded", () => {
    show();
    const address = document.querySelector("[data-address]")?.dataset.address;
    if (address && address !== location.pathname) history.replaceState(null, "", address);
  });
})();
