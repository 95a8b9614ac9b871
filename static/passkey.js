// Forms with data-passkey make or use a passkey: a script has to ask the browser for it. They are hidden without one.
// The element after each says that the browser is too old.
import { showAlert } from "./alerts.js";

// Browsers that lack these functions are older than 2025.
const isSupported = window.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

/** Get what the browser needs, and have it make or use a passkey. Returns its answer as JSON. */
const askBrowser = async (form) => {
  const { passkey: ceremony, options: address } = form.dataset;
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  const response = await fetch(address, { method: "POST", body });
  if (!response.ok || response.redirected) return null;
  const options = await response.json();
  const publicKey =
    ceremony === "create"
      ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
      : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials[ceremony]({ publicKey });
  return JSON.stringify(credential);
};

const complete = async (form) => {
  showAlert("");
  try {
    const answer = await askBrowser(form);
    if (answer === null) {
      location.reload(); // the server says why: the session has ended, or the password must be confirmed
      return;
    }
    form.elements.credential.value = answer;
    form.submit();
  } catch (error) {
    showAlert(error.name === "InvalidStateError" ? form.dataset.known : form.dataset.failed);
  }
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !isSupported;
  form.nextElementSibling.hidden = isSupported;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    complete(form);
  });
}
