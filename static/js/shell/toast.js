// Takes away what was said: when a person dismisses it, or after a while where it asks for nothing.
(() => {
  const STAYS = 8000; // milliseconds; not while somebody points at it, and never with Undo in it

  const prepare = (toast) => {
    const button = toast.querySelector("[data-dismiss]");
    if (!button || !button.hidden) return;
    button.hidden = false;
    button.addEventListener("click", () => toast.remove());
    if (!toast.hasAttribute("data-fades") || toast.querySelector("form, a")) return;
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
    setTimeout(leave, STAYS);
  };
  const prepareAll = () => document.querySelectorAll(".toast").forEach(prepare);
  document.addEventListener("DOMContentLoaded", prepareAll);
  document.addEventListener("htmx:load", prepareAll);
})();
