// Opens what a link with data-drawer leads to beside the page; without this script, or in a new tab, it is a page.
(() => {
  const side = () => document.getElementById("side");

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const panel = side();
    if (!panel || !window.htmx) return;
    event.preventDefault();
    document.getElementById("side-title").textContent = link.dataset.drawer || link.textContent;
    document.getElementById("side-page").href = link.pathname + link.search;
    const body = document.getElementById("side-body");
    body.replaceChildren(document.getElementById("side-waits").content.cloneNode(true));
    if (!panel.open) panel.showModal();
    htmx.ajax("GET", link.href, { target: body, swap: "innerHTML" });
  });

  document.addEventListener("click", (event) => {
    if (event.target === side()) side().close(); // the backdrop is the dialog itself
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const panel = side();
    if (!panel || !panel.open || event.detail.target.id !== "side-body") return;
    if (event.detail.xhr.status >= 400) window.location.assign(document.getElementById("side-page").href);
  });
})();
