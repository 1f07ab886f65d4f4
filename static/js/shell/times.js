// Times go on by themselves (`relative-time`, loaded before); a click on one, or the key t, shows all of them exactly.
(() => {
  const EXACT = { format: "datetime", weekday: "", month: "short", day: "numeric", hour: "numeric", minute: "2-digit", second: "2-digit", "time-zone-name": "short" };
  const KEPT = "exact-times";
  const isExact = () => localStorage.getItem(KEPT) === "yes";

  const show = (time) => {
    for (const [name, value] of Object.entries(EXACT)) {
      if (isExact()) time.setAttribute(name, value);
      else time.removeAttribute(name);
    }
  };
  const showAll = () => document.querySelectorAll("relative-time").forEach(show);
  const toggle = () => {
    localStorage.setItem(KEPT, isExact() ? "no" : "yes");
    showAll();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("relative-time") && !event.target.closest("a, button, summary, label")) toggle();
  });
  document.addEventListener("tillbridge:key", (event) => {
    if (event.detail === "t") toggle();
  });
  document.addEventListener("DOMContentLoaded", () => { if (isExact()) showAll(); });
  document.addEventListener("htmx:load", () => { if (isExact()) showAll(); });
})();
