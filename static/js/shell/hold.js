// A part that refreshes itself waits while a panel of it is open: the swap would close it under the reader's eyes.
document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target;
  if (part instanceof Element && part.matches("[hx-trigger^='every']") && part.querySelector(":popover-open")) event.preventDefault();
});
