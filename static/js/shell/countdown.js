// Counts down to a moment that the server named, by how far off it was then: the browser's own clock does not matter.
// Never points to the past: what is due says "now".
(() => {
  const words = (left) => left <= 0 ? "now" : left < 120 ? `in ${Math.ceil(left)} s` : `in ${Math.round(left / 60)} min`;
  const ends = new WeakMap();
  const tick = () => document.querySelectorAll("[data-seconds-left]").forEach((one) => {
    if (!ends.has(one)) ends.set(one, performance.now() + 1000 * Number(one.dataset.secondsLeft));
    const said = words((ends.get(one) - performance.now()) / 1000);
    if (one.textContent !== said) one.textContent = said;
  });
  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("htmx:load", tick);
  setInterval(tick, 1000);
})();
