// The agent's session: heartbeats tell the server that the agent is there, and this page what became of the number.
import { offlineMessage, showAlert } from "./alerts.js";

const registrationState = document.getElementById("registration-state");
const csrfToken = document.querySelector("#leave [name=csrf_token]").value;
let phone;

/** POST to the server. Returns its JSON, or null when the number is no longer ours. Throws when it is unreachable. */
export const post = async (address) => {
  const response = await fetch(address, { method: "POST", redirect: "manual", headers: { "X-CSRFToken": csrfToken } });
  // 400: the user logged in again in another tab of this browser, whose pages have another token
  if (response.type === "opaqueredirect" || [400, 401].includes(response.status)) return null;
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
};

/** Show one of the states that the template has a text for. */
export const setRegistrationState = (state) => {
  registrationState.dataset.state = state;
};

let shownAlert = "";

/** Each heartbeat may say the same, and screen readers read an alert out whenever it is shown. */
const showAlertOnce = (text) => {
  if (text !== shownAlert) showAlert(text);
  shownAlert = text;
};

export const sendHeartbeat = async () => {
  try {
    const reply = await post("/agent/heartbeat");
    showAlertOnce(reply?.notice ?? "");
    if (!reply) phone.onNumberLost();
    else if (reply.phone !== phone.kind && !phone.isBusy()) location.reload();
    else phone.onContact(reply);
  } catch {
    showAlertOnce(offlineMessage);
  }
};

const start = () => {
  const { timerSrc } = document.querySelector("[data-timer-src]").dataset;
  new Worker(timerSrc, { name: String(phone.heartbeatSeconds) }).onmessage = sendHeartbeat;
  phone.start();
};

/**
 * Keep the number while this page is open.
 *
 * `sessionPhone` has `kind` (an account's phone), `heartbeatSeconds`, `start()`, `isBusy()`, `onNumberLost()` and
 * `onContact({contact, reachable, sip_changed, websockets})`: the registered contact or "", whether it responds,
 * whether the phone must get new credentials, and the WebSockets of the PBX hosts that are present.
 */
export const startSession = (sessionPhone) => {
  phone = sessionPhone;
  document.getElementById("no-script").hidden = true;
  if (!navigator.locks) {
    start();
    return;
  }
  // One page a browser: two tabs would take the number from each other. The second waits until the first is closed.
  const otherTab = document.getElementById("other-tab");
  const otherTabTimer = setTimeout(() => otherTab?.removeAttribute("hidden"), 1000);
  navigator.locks.request("agent-session", () => {
    clearTimeout(otherTabTimer);
    otherTab?.setAttribute("hidden", "");
    start();
    return new Promise(() => {}); // the lock is held until the page is closed
  });
};
