// Says how many fields of a form with data-guard are unsaved, and asks before a person leaves it so.
(() => {
  const isChanged = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.type === "file") return field.files.length > 0;
    if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
    const options = [...field.options];
    const stated = options.some((option) => option.defaultSelected);
    return options.some((option, place) => option.selected !== (stated || field.multiple ? option.defaultSelected : place === 0));
  };
  const unsaved = (form) => new Set([...form.elements].filter((field) => field.name && field.type !== "hidden" && !field.disabled && "form" in field && field.tagName !== "BUTTON" && isChanged(field)).map((field) => field.name)).size;
  const sent = new WeakSet();
  const guarded = () => [...document.querySelectorAll("form[data-guard]")];

  const show = (form) => {
    const bar = form.querySelector(".save-bar");
    if (!bar) return;
    const count = unsaved(form);
    if (count) bar.removeAttribute("data-refused");
    bar.toggleAttribute("data-dirty", count > 0);
    bar.querySelector("button[type=reset]").hidden = count === 0;
    if (!bar.hasAttribute("data-refused")) bar.querySelector("[data-unsaved]").textContent = count ? `${count} unsaved ${count === 1 ? "change" : "changes"}` : "";
  };

  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      const form = event.target.closest("form[data-guard]");
      if (form) show(form);
    });
  }
  document.addEventListener("reset", (event) => {
    if (event.target.matches("form[data-guard]")) setTimeout(() => show(event.target));
  });
  document.addEventListener("submit", (event) => sent.add(event.target));
  window.addEventListener("pageshow", () => guarded().forEach((form) => { sent.delete(form); show(form); }));
  window.addEventListener("beforeunload", (event) => {
    const isSending = guarded().some((form) => sent.has(form));
    if (!isSending && guarded().some((form) => unsaved(form) || form.querySelector(".save-bar[data-refused]"))) event.preventDefault();
  });
})();
