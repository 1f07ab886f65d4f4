// After a form was sent and its page came back: the same place, the same button, or the row that took its place.
(() => {
  const KEPT = "came-from";
  const FRESH = 20000; // milliseconds
  const words = (one) => one.textContent.trim();

  document.addEventListener("submit", (event) => {
    const by = event.submitter;
    if (event.defaultPrevented || event.target.method !== "post" || !by) return;
    const row = by.closest("main tbody tr, main .inbox > li");
    const place = {
      page: location.pathname, at: Date.now(), y: window.scrollY, id: by.id, words: words(by), action: by.formAction,
      row: row ? [...row.parentElement.children].indexOf(row) : -1, list: row ? [...document.querySelectorAll("main tbody, main .inbox")].indexOf(row.parentElement) : -1,
    };
    sessionStorage.setItem(KEPT, JSON.stringify(place));
  });

  const target = (place) => {
    const same = place.id && document.getElementById(place.id);
    if (same) return same;
    const button = [...document.querySelectorAll("main button")].find((one) => one.formAction === place.action && words(one) === place.words && one.checkVisibility());
    if (button) return button;
    const list = document.querySelectorAll("main tbody, main .inbox")[place.list];
    const row = list && (list.children[place.row] || list.lastElementChild);
    return row?.querySelector("th a, a, button, input") || document.getElementById("main");
  };
  document.addEventListener("DOMContentLoaded", () => {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    const place = kept && JSON.parse(kept);
    if (!place || place.page !== location.pathname || Date.now() - place.at > FRESH || location.hash) return;
    const refused = document.querySelector("main [aria-invalid=true], main .field-bad input");
    if (refused) return refused.focus();
    const asks = document.querySelector(".toast:not([data-fades]), main [role=alert]"); // stands at the top: stay there
    if (!asks) window.scrollTo(0, place.y);
    target(place)?.focus({ preventScroll: true });
  });
})();
