// What refreshes itself: says in words what changed where a part has data-announce, and shows an outage on the tab.
(() => {
  let last = null;
  const announce = () => {
    const part = document.querySelector("main [data-announce]");
    const said = document.getElementById("said");
    const words = part && part.textContent.replace(/\s+/g, " ").trim();
    if (said && words && last !== null && words !== last) said.textContent = words;
    last = words;
  };
  const mark = () => {
    const state = document.querySelector("[data-tab-state]")?.dataset.tabState ?? document.body.dataset.state ?? "";
    const icon = document.querySelector("link[rel=icon]");
    const href = state === "outage" ? icon.dataset.outage : icon.dataset.usual;
    if (icon.getAttribute("href") !== href) icon.setAttribute("href", href);
    const plain = document.title.replace(/^Outage · /, "");
    document.title = state === "outage" ? `Outage · ${plain}` : plain;
  };
  document.addEventListener("DOMContentLoaded", () => { announce(); mark(); });
  document.addEventListener("htmx:afterSettle", () => { announce(); mark(); });
})();
