/* On every page: the theme button, focus on the error summary, and times that say how long ago. */
(() => {
  "use strict";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const announce = () => root.dispatchEvent(new CustomEvent("themechange"));

  addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const shown = root.dataset.theme || (system.matches ? "dark" : "light");
    const next = shown === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    announce();
  });
  system.addEventListener("change", announce);

  const ago = (seconds) => {
    if (seconds < 2) return "just now";
    if (seconds < 60) return `${Math.floor(seconds)} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    return null; // the server's own words are better for long ago
  };
  const refresh = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (text && time.textContent !== text) time.textContent = text;
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector("[data-focus]")?.focus();
    refresh();
    setInterval(refresh, 1000);
    document.addEventListener("htmx:after:swap", (event) => {
      refresh();
      if (!event.detail.ctx?.sourceElement?.hasAttribute("data-live")) document.querySelector("[data-focus]")?.focus();
    });
  });
})();
