/* Polling: each second while the person is active, each five when idle, never while the page is hidden.
   When the server cannot be reached a notice says how old the numbers are, and goes away by itself. */
(() => {
  "use strict";
  const ACTIVE_MS = 60_000;
  const IDLE_EVERY_MS = 5_000;
  let lastInput = Date.now();
  let lastPoll = 0;
  let lastAnswer = Date.now();
  let isLost = false;

  for (const name of ["pointerdown", "pointermove", "keydown", "scroll", "focus"]) {
    addEventListener(name, () => { lastInput = Date.now(); }, { capture: true, passive: true });
  }

  const isPoll = (event) => event.detail.ctx.sourceElement?.hasAttribute("data-live");
  const refresh = () => document.querySelector("[data-live]")?.dispatchEvent(new Event("refresh"));

  document.addEventListener("htmx:before:request", (event) => {
    if (!isPoll(event)) return;
    const now = Date.now();
    const isTick = event.detail.ctx.sourceEvent?.type === "every";
    const isIdle = now - lastInput > ACTIVE_MS;
    if (isTick && (document.hidden || (isIdle && now - lastPoll < IDLE_EVERY_MS))) {
      event.preventDefault();
      return;
    }
    lastPoll = now;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    lastInput = Date.now();
    refresh();
  });

  const notice = () => document.getElementById("connection-lost");
  const lost = (event) => {
    if (!isPoll(event) || isLost) return;
    isLost = true;
    const box = notice();
    if (!box) return;
    box.querySelector("[data-last-answer]").textContent = new Date(lastAnswer).toLocaleTimeString([], { hour12: false });
    box.hidden = false;
  };
  document.addEventListener("htmx:error", lost);
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.status >= 500) lost(event);
  });
  document.addEventListener("htmx:after:request", (event) => {
    if (!isPoll(event) || event.detail.ctx.response.status >= 500) return;
    lastAnswer = Date.now();
    if (!isLost) return;
    isLost = false;
    const box = notice();
    if (box) box.hidden = true;
  });
})();
