// Ctrl-K: pages of the menu and of the tabs by their names, and below them what the search suggests.
(() => {
  const WAIT = 150; // milliseconds after the last key
  let timer = 0;
  const box = () => document.getElementById("palette");
  const links = () => [...box().querySelectorAll("#palette-found a")];

  const pagesFor = (words) => {
    const seen = new Map();
    for (const link of document.querySelectorAll(".shell-rail a, .tabs a, .shell-menu a")) {
      const copy = link.cloneNode(true);
      copy.querySelectorAll(".unseen, .count, .shell-count").forEach((one) => one.remove());
      const name = copy.textContent.trim();
      if (name && name.toLowerCase().includes(words.toLowerCase())) seen.set(link.getAttribute("href"), name);
    }
    return [...seen];
  };
  const listed = (words) => {
    const part = document.createElement("ul");
    for (const [href, name] of pagesFor(words).slice(0, 8)) {
      const link = Object.assign(document.createElement("a"), { href, textContent: name });
      part.appendChild(document.createElement("li")).appendChild(link);
    }
    return part;
  };
  const show = async (field) => {
    const found = document.getElementById("palette-found");
    const words = field.value.trim();
    found.replaceChildren(listed(words));
    if (words.length < 2) return;
    try {
      const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok || words !== field.value.trim()) return;
      const more = document.createElement("div");
      more.innerHTML = await answer.text(); // our own fragment, escaped by its template
      found.append(more);
    } catch {
      // the form itself leads to the search page
    }
  };
  const open = () => {
    if (!box() || box().open) return;
    const field = document.getElementById("palette-q");
    field.value = "";
    box().showModal();
    show(field);
  };

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && box()) {
      event.preventDefault();
      open();
    } else if (box()?.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const places = [document.getElementById("palette-q"), ...links()];
      const next = places[places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
    }
  });
  document.addEventListener("tillbridge:palette", open);
  document.addEventListener("input", (event) => {
    if (event.target.id !== "palette-q") return;
    document.getElementById("palette-found").replaceChildren(listed(event.target.value.trim()));
    clearTimeout(timer);
    timer = setTimeout(() => show(event.target), WAIT);
  });
  document.addEventListener("submit", (event) => {
    const first = event.target.closest("#palette") && links()[0];
    if (first) { event.preventDefault(); window.location.assign(first.href); }
  });
  document.addEventListener("click", (event) => { if (event.target === box()) box().close(); });
})();
