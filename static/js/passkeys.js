// Asks the device for a passkey when a form with data-passkey is sent, and sends the answer along.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form || form.dataset.answered) return;
  event.preventDefault();
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  const ask = form.dataset.passkey === "create" ? "creation_options" : "request_options";
  try {
    const answer = await window.webauthnJSON[form.dataset.passkey](options[ask]);
    form.elements.credential.value = JSON.stringify(answer);
    form.dataset.answered = "yes";
    form.requestSubmit();
  } catch (refusal) {
    const said = form.querySelector("[role=alert]") || form.appendChild(document.createElement("p"));
    said.setAttribute("role", "alert");
    said.className = "field-error";
    said.textContent = refusal.name === "NotAllowedError"
      ? "No passkey was used. Try again."
      : "This device or address knows no passkeys. Use a code instead.";
  }
});
