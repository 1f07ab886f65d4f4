// Single keys on a page: j k x r e / ? and t. They rest while one types, while something lies over the page, and for
// whoever switched them off in the list that ? shows.
(() => {
  const KEPT = "single-keys";
  const ROWS = "main tbody tr, main .inbox > li, main [data-row]";
  const isOn = () => localStorage.getItem(KEPT) !== "no";
  const isShown = (one) => one.checkVisibility();
  const isCovered = () => document.querySelector("dialog[open], :popover-open") !== null;
  const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => isShown(row) && row.querySelector("a, button, input"));
  const current = () => document.activeElement?.closest(ROWS) || document.querySelector("[data-at]");

  const stand = (row) => {
    document.querySelectorAll("[data-at]").forEach((one) => one.removeAttribute("data-at"));
    row.setAttribute("data-at", "");
    (row.querySelector("th a, a, button, input") || row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    if (next) stand(next);
  };
  const press = (key, words) => {
    const buttons = [...(current() || document.querySelector("main") || document).querySelectorAll("a, button")].filter(isShown);
    (buttons.find((one) => one.dataset.key === key) || buttons.find((one) => words.test(one.textContent.trim())))?.click();
  };
  const ACTS = {
    j: () => step(1),
    k: () => step(-1),
    x: () => current()?.querySelector("input[type=checkbox]")?.click(),
    r: () => press("r", /^Retry\b/),
    e: () => press("e", /^Fix\b/),
    "/": () => { const field = document.getElementById("search"); if (field && isShown(field)) field.focus(); else document.dispatchEvent(new Event("tillbridge:palette")); },
    "?": () => document.getElementById("keys")?.showPopover(),
    t: () => document.dispatchEvent(new CustomEvent("tillbridge:key", { detail: "t" })),
  };

  document.addEventListener("keydown", (event) => {
    const act = ACTS[event.key];
    if (!act || !isOn() || event.ctrlKey || event.metaKey || event.altKey || isCovered()) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.getElementById("keys-on");
    if (!choice) return;
    choice.checked = isOn();
    choice.addEventListener("change", () => localStorage.setItem(KEPT, choice.checked ? "yes" : "no"));
  });
})();
