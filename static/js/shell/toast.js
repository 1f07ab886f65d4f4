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

  // A part that has the page drawn anew would take away what nobody has read yet.
  const KEPT = "toasts kept";
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Refresh") !== "true") return;
    const said = [...document.querySelectorAll(".toast:not([data-fades]) p")].map((one) => one.textContent);
    if (said.length) sessionStorage.setItem(KEPT, JSON.stringify(said));
  });
  const sayAgain = () => {
    const shape = document.getElementById("toast-again");
    const said = shape ? JSON.parse(sessionStorage.getItem(KEPT) || "[]") : [];
    sessionStorage.removeItem(KEPT);
    for (const text of said) {
      const toast = shape.content.firstElementChild.cloneNode(true);
      toast.querySelector("p").textContent = text;
      document.getElementById("toasts").append(toast);
    }
  };
  document.addEventListener("DOMContentLoaded", sayAgain);
  document.addEventListener("DOMContentLoaded", prepareAll);
  document.addEventListener("htmx:load", prepareAll);
})();
