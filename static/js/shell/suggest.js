// The header's search: what is typed is suggested below it as links, which the arrow keys reach and Escape closes.
(() => {
  const WAIT = 150; // milliseconds after the last key
  let timer = 0;
  const field = () => document.querySelector("[data-suggests]");
  const found = () => document.getElementById("search-found");
  const close = () => { found().hidden = true; };

  const show = async () => {
    const words = field().value.trim();
    if (words.length < 2) return close();
    try {
      const answer = await fetch(`${field().dataset.suggests}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected || words !== field().value.trim()) return;
      found().innerHTML = await answer.text(); // our own fragment, escaped by its template
      found().hidden = !found().childElementCount;
      const count = found().querySelectorAll("li a").length;
      document.getElementById("said").textContent = count ? `${count} suggestion${count === 1 ? "" : "s"}` : "Nothing found";
    } catch {
      close(); // the form itself leads to the search page
    }
  };

  document.addEventListener("input", (event) => {
    if (event.target !== field()) return;
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
  document.addEventListener("keydown", (event) => {
    if (!found() || found().hidden || !event.target.closest(".shell-search")) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
      field().focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const places = [field(), ...found().querySelectorAll("a")];
      const next = places[places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest(".shell-search");
    if (form && event.relatedTarget && !form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => { if (found() && !event.target.closest(".shell-search")) close(); });
})();
