// Turns an input with data-picker into a list that is searched while one types. The address answers
// {"results": [{"value", "text", "hint"}]} to ?q=…; without this script the input has its datalist, or takes what is typed.
(() => {
  const row = (data, escape) => `<div><span>${escape(data.text)}</span>${data.hint ? ` <span class="quiet small">${escape(data.hint)}</span>` : ""}</div>`;

  const make = (field) => {
    if (field.tomselect || !window.TomSelect) return;
    const options = [...(field.list?.options || [])].map((one) => ({ value: one.value, text: one.textContent || one.value, hint: "" }));
    field.removeAttribute("list");
    field.setAttribute("aria-hidden", "true"); // its place is taken by the field that Tom Select adds, with its label
    new TomSelect(field, {
      maxItems: 1,
      create: field.hasAttribute("data-free"),
      createOnBlur: field.hasAttribute("data-free"),
      persist: false,
      options: field.value && !options.some((one) => one.value === field.value) ? [...options, { value: field.value, text: field.dataset.text || field.value, hint: "" }] : options,
      valueField: "value",
      labelField: "text",
      searchField: [], // the address has searched
      score: () => () => 1,
      loadThrottle: 200,
      preload: "focus",
      load: async (query, give) => {
        try {
          const answer = await fetch(`${field.dataset.picker}${field.dataset.picker.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } });
          give(answer.ok ? (await answer.json()).results : []);
        } catch {
          give([]);
        }
      },
      render: { option: row, item: row, no_results: () => '<div class="no-results">Nothing found.</div>' },
    });
  };
  const makeAll = (root) => root.querySelectorAll("input[data-picker]").forEach(make);
  document.addEventListener("DOMContentLoaded", () => makeAll(document));
  document.addEventListener("htmx:load", (event) => makeAll(event.target));
})();
