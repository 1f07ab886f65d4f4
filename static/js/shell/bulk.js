// Counts what is ticked in a list's form, and ticks a whole page or, with Shift, all rows between two.
(() => {
  const ROWS = "input[type=checkbox][name=pick], input[type=checkbox][data-pick]";
  let last = null;

  const show = (bar) => {
    const form = bar.closest("form");
    const rows = [...form.querySelectorAll(ROWS)].filter((row) => !row.disabled);
    const matching = bar.querySelector("[data-matching]");
    const ticked = rows.filter((row) => row.checked).length;
    const count = matching && matching.checked ? matching.dataset.matching : ticked;
    const page = bar.querySelector("[data-bulk-page]");
    page.closest("label").hidden = rows.length === 0;
    page.checked = ticked > 0 && ticked === rows.length;
    page.indeterminate = ticked > 0 && ticked < rows.length;
    bar.toggleAttribute("data-empty", !Number(count));
    bar.querySelector("[data-bulk-count]").textContent = Number(count) ? `${count} ${Number(count) === 1 ? bar.dataset.noun : `${bar.dataset.noun}s`}` : "";
    for (const place of form.querySelectorAll("[data-bulk-number]")) place.textContent = count;
  };
  const showAll = (root) => root.querySelectorAll("[data-bulk]").forEach(show);

  document.addEventListener("click", (event) => {
    if (!event.target.matches(ROWS)) return;
    const rows = [...(event.target.form || document).querySelectorAll(ROWS)];
    const [from, to] = [rows.indexOf(last), rows.indexOf(event.target)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) rows.slice(from, to + 1).forEach((row) => { row.checked = event.target.checked; });
    last = event.target;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    const bar = form && form.querySelector("[data-bulk]");
    if (!bar) return;
    if (event.target.matches("[data-bulk-page]")) form.querySelectorAll(ROWS).forEach((row) => { row.checked = event.target.checked && !row.disabled; });
    show(bar);
  });
  document.addEventListener("DOMContentLoaded", () => showAll(document));
  document.addEventListener("htmx:load", (event) => showAll(event.target.closest("form") || event.target));
  window.addEventListener("pageshow", () => showAll(document)); // a browser puts ticks back
})();
