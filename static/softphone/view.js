// What the softphone's page shows of a call.

export const $ = (id) => document.getElementById(id);

export const labels = JSON.parse($("labels").textContent);

/** A label with the other party's number in it. */
export const format = (name, peer) => labels[name].replace("{}", () => peer);

export const showMessage = (text) => {
  $("call-message").textContent = text;
};

/** Say that the connection is bad, or take that back. */
export const showQuality = (isBad) => {
  $("poor-connection").textContent = isBad ? labels.poor_connection : "";
};

/** 1:05 */
export const formatDuration = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** Whole seconds since the call was answered, 0 before that. */
export const callSeconds = (call) => call.since ? Math.round((Date.now() - call.since) / 1000) : 0;

export const showTimer = (call) => {
  $("timer").textContent = call?.since ? formatDuration(callSeconds(call)) : "";
};

const pageTitle = document.title;

/** Show the call, or the form to dial a number when `call` is null. */
export const showCall = (call) => {
  $("call").hidden = !call;
  $("dial").hidden = Boolean(call);
  document.title = call?.state === "incoming" ? `☎ ${format("incoming", call.peer)}` : pageTitle;
  if (!call) {
    moveFocusTo("dialled");
    return;
  }
  const isRinging = call.state === "incoming";
  const text = format(call.isHeld ? "held" : call.state, call.peer);
  // Screen readers read every change out, even to the same text.
  if ($("remote-party").textContent !== text) $("remote-party").textContent = text;
  showButtons(call, isRinging);
  showTimer(call);
  moveFocusTo(isRinging ? "answer" : "hangup");
};

const showButtons = (call, isRinging) => {
  const isTalking = call.state === "talking";
  $("answer").hidden = $("decline").hidden = !isRinging;
  $("hangup").hidden = isRinging;
  $("hold").hidden = $("mute").hidden = !isTalking;
  $("transfer").hidden = !isTalking || Boolean(call.transferTarget);
  $("hold").setAttribute("aria-pressed", call.isHeld);
  $("mute").setAttribute("aria-pressed", call.isMuted);
};

/** Move the focus to where it is needed next, unless the user is busy elsewhere on the page. */
const moveFocusTo = (id) => {
  const active = document.activeElement;
  if (!active || active === document.body || !active.checkVisibility()) $(id).focus();
};
