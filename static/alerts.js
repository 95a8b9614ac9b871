// The page's two message areas: #alert tells what went wrong, #announce what was done.

const alertArea = document.getElementById("alert");
const MESSAGE_TIME = 8000; // milliseconds
let backgroundError = ""; // shown while the page's own requests fail, and only once, as screen readers read it out

export const offlineMessage = alertArea.dataset.offlineMessage;

/** A message that can be closed, as the macro message_box makes it. */
const createMessage = (text) => {
  const [message, line] = [document.createElement("div"), document.createElement("p")];
  message.className = "message";
  line.textContent = text;
  message.append(line, document.getElementById("close-button").content.cloneNode(true));
  return message;
};

export const showAlert = (text) => {
  backgroundError = "";
  if (!text) {
    alertArea.replaceChildren();
    return;
  }
  const message = createMessage(text);
  message.classList.add("error");
  alertArea.replaceChildren(message);
};

/** Show the error of a request that the page made by itself; "" removes it, and leaves other alerts. */
const showBackgroundError = (html) => {
  if (html === backgroundError) return;
  alertArea.innerHTML = html;
  backgroundError = html;
};

export const announce = (text) => {
  document.getElementById("announce").replaceChildren(createMessage(text));
};

document.addEventListener("click", (event) => {
  event.target.closest("[data-close]")?.closest(".message").remove();
});

// A message that only reports success goes by itself. One with Undo stays, and one that is pointed at or has the focus.
new MutationObserver(() => {
  const message = document.querySelector("#announce .message:not([data-stays])");
  if (message) setTimeout(removeUnlessUsed, MESSAGE_TIME, message);
}).observe(document.getElementById("announce"), { childList: true });

const removeUnlessUsed = (message) => {
  if (message.matches(":hover, :focus-within")) setTimeout(removeUnlessUsed, MESSAGE_TIME, message);
  else message.remove();
};

const showOffline = () => {
  if (backgroundError === offlineMessage) return;
  showAlert(offlineMessage);
  backgroundError = offlineMessage;
};

/** Whether the page made this request by itself: it polls, or asks about what is being typed. */
const isBackground = (event) => event.detail.ctx.sourceElement.hasAttribute("data-background");

document.addEventListener("htmx:before:request", (event) => {
  if (event.defaultPrevented) return;
  const isInAlert = alertArea.contains(event.detail.ctx.sourceElement);
  if (!isBackground(event) && !isInAlert) showAlert("");
  else if (document.hidden) event.preventDefault();
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) showOffline();
});

// A refused poll (the session has ended, or a proxy answers for the server) leaves the page as it is, with a message.
document.addEventListener("htmx:after:request", (event) => {
  if (!isBackground(event)) return;
  const { response, text } = event.detail.ctx;
  if (response.status < 400) {
    showBackgroundError("");
    alertArea.querySelector("[data-session-expired]")?.remove(); // it may stand there since somebody's own request
    return;
  }
  event.preventDefault();
  const isOurs = response.headers.has("HX-Redirect") || response.headers.has("HX-Retarget");
  if (isOurs) showBackgroundError(text);
  else showOffline();
});
