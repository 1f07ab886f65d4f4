// A form with data-apply asks anew as soon as a choice in it changes; its button stays for those without this script.
(() => {
  const hide = (root) => root.querySelectorAll("form[data-apply] button[type=submit]:not([name])").forEach((button) => { button.hidden = true; });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-apply]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
  });
  document.addEventListener("DOMContentLoaded", () => hide(document));
  document.addEventListener("htmx:load", (event) => hide(event.target.closest("form")?.parentElement || event.target));
})();
