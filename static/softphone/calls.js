// The call: dialling, answering, holding, transferring and ending. There is at most one.
import { INCOMING_VOLUME, OUTGOING_VOLUME, startRinging, stopRinging } from "./audio.js";
import { addToHistory } from "./history.js";
import { watchQuality } from "./quality.js";
import { host, iceServers, leavePage, number as ownNumber, numberLost, userAgent } from "./registration.js";
import { $, callSeconds, format, labels, showCall, showMessage, showQuality } from "./view.js";

const CONNECTION_FAILED_AFTER = 10_000; // ms
const ICE_WAIT = 500; // ms
const BUSY_HERE = { status_code: 486 };
const FAILURE_LABELS = { // by JsSIP's causes
  "Busy": "busy",
  "Rejected": "no_answer",
  "No Answer": "no_answer",
  "Unavailable": "no_answer",
  "Not Found": "unknown",
  "Address Incomplete": "unknown",
};

/**
 * Null, or `session` (JsSIP's), `peer` (the other party's number), `direction` (incoming or outgoing), `state` (the
 * direction while it rings, then talking), `since` (ms of the answer, or 0), `isHeld`, `isMuted`, `transferTarget` (the
 * number of a transfer that is under way, or ""), `finalMessage` (shown at the end instead of the usual message) and
 * `stopWatching` (the quality of the sound; null before the answer).
 */
export let call = null;
let lastTransfer = null; // `peer` and `message` of a transfer that just ended: a call that comes back has failed
const RETURN_TIME = 10_000; // milliseconds

const callOptions = () => {
  const microphone = $("microphone").value;
  const audio = microphone ? { deviceId: { exact: microphone } } : true;
  return { mediaConstraints: { audio, video: false }, pcConfig: { iceServers } };
};

const normalizeNumber = (number) => number.replace(/[\s()./-]/g, "");
const privacyHeaders = () => $("withhold").checked ? ["Privacy: id"] : [];
const sipAddress = (number) => `sip:${encodeURIComponent(number)}@${host}`;

// --- a call begins ---------------------------------------------------------------------------------------------------

export const onIncomingCall = (session, from) => {
  const peer = from === "anonymous" ? labels.withheld : from;
  let message = lastTransfer?.peer === peer ? lastTransfer.message : "";
  if (call?.transferTarget) { // the transferred call was not answered and comes back
    message = format("transfer_failed", call.transferTarget);
    call.transferTarget = "";
    call.session.terminate();
  }
  if (call) {
    session.terminate(BUSY_HERE);
    showMessage(format("called_while_busy", peer));
    addToHistory({ peer, outcome: "missed", seconds: 0 });
    return;
  }
  trackSession(session, peer, "incoming");
  showMessage(message);
  startRinging(INCOMING_VOLUME);
};

export const dial = (typed) => {
  const peer = normalizeNumber(typed);
  if (!peer || call || !userAgent?.isRegistered()) return;
  if (peer === ownNumber) {
    showMessage(format("busy", peer));
    return;
  }
  let session;
  try {
    session = userAgent.call(sipAddress(peer), { ...callOptions(), extraHeaders: privacyHeaders() });
  } catch {
    showMessage(format("unknown", peer));
    return;
  }
  $("dialled").value = "";
  $("withhold").checked = false;
  trackSession(session, peer, "outgoing");
};

const trackSession = (session, peer, direction) => {
  showMessage("");
  $("target").value = "";
  call = {
    session, peer, direction, state: direction, since: 0, isHeld: false, isMuted: false, transferTarget: "",
    finalMessage: null, stopWatching: null,
  };
  if (session.connection) attachAudio(session, session.connection);
  else session.on("peerconnection", ({ peerconnection }) => attachAudio(session, peerconnection));
  session.on("icecandidate", finishIceAfter(ICE_WAIT));
  session.on("progress", () => {
    if (direction === "outgoing") startRinging(OUTGOING_VOLUME);
  });
  session.on("accepted", stopRinging);
  session.on("confirmed", () => {
    stopRinging();
    call.stopWatching ??= watchQuality(session.connection, showQuality);
    update({ state: "talking", since: Date.now() });
  });
  trackOwnChange(session, "hold", { isHeld: true });
  trackOwnChange(session, "unhold", { isHeld: false });
  trackOwnChange(session, "muted", { isMuted: true });
  trackOwnChange(session, "unmuted", { isMuted: false });
  session.on("getusermediafailed", () => {
    $("microphone-error").hidden = false;
  });
  session.on("ended", () => endCall(labels.ended));
  session.on("failed", (event) => endCall(failureMessage(event, peer, direction)));
  showCall(call);
};

const update = (changes) => {
  Object.assign(call, changes);
  showCall(call);
};

/** What the other party does (it may hold the call too) changes nothing here. */
const trackOwnChange = (session, event, changes) => {
  session.on(event, ({ originator }) => {
    if (originator !== "remote" && call) update(changes);
  });
};

const failureMessage = ({ cause, message, originator }, peer, direction) => {
  if (direction === "incoming" || originator === "local") return labels.ended;
  if (message?.status_code === 403) return format("forbidden", peer);
  return format(FAILURE_LABELS[cause] ?? "failed", peer);
};

const attachAudio = (session, connection) => {
  connection.addEventListener("track", ({ track, streams }) => {
    $("sound").srcObject = streams[0] ?? new MediaStream([track]);
  });
  connection.addEventListener("connectionstatechange", () => {
    setTimeout(onConnectionFailed, CONNECTION_FAILED_AFTER, session, connection);
  });
};

/** End the call if nothing has been heard of the other end for long: it may be gone without having hung up. */
const onConnectionFailed = (session, connection) => {
  if (call?.session !== session || connection.connectionState !== "failed") return;
  call.finalMessage = labels.connection_lost;
  session.terminate();
};

/** Start the call with the candidates found so far when the next one takes long, as from a silent STUN server. */
const finishIceAfter = (wait) => {
  let timer;
  return ({ ready }) => {
    clearTimeout(timer);
    timer = setTimeout(ready, wait);
  };
};

// --- during a call ---------------------------------------------------------------------------------------------------

export const answer = () => call.session.answer(callOptions());
export const decline = () => call.session.terminate(BUSY_HERE);
export const hangUp = () => call.session.terminate();

export const toggleHold = () => {
  if (call.isHeld) call.session.unhold();
  else call.session.hold();
};

export const toggleMute = () => {
  if (call.isMuted) call.session.unmute();
  else call.session.mute();
};

/** Send the key in a call; without one, type it into the number to call. */
export const sendDtmf = (key) => {
  if (call?.state === "talking") {
    call.session.sendDTMF(key, { transportType: "RFC2833" });
  } else if (!call) {
    $("dialled").value += key;
    $("dialled").focus();
  }
};

export const transfer = (typed) => {
  const target = normalizeNumber(typed);
  const transferred = call;
  if (!target || target === transferred.peer || target === ownNumber) {
    showMessage(format("transfer_failed", target));
    return;
  }
  const setTransferTarget = (value) => {
    transferred.transferTarget = value;
    showCall(call);
  };
  const endWith = (label) => () => {
    if (!transferred.transferTarget) return;
    Object.assign(transferred, { finalMessage: format(label, target), transferTarget: "" });
    rememberTransfer(transferred.peer, target);
    if (call === transferred) transferred.session.terminate();
    else showMessage(transferred.finalMessage);
  };
  const subscription = transferred.session.refer(sipAddress(target));
  setTransferTarget(target);
  showMessage(format("transferring", target));
  subscription.on("accepted", endWith("transferred"));
  // The PBX had accepted the transfer before it failed, so that the call is no longer here.
  subscription.on("failed", endWith("transfer_failed"));
  subscription.on("requestFailed", () => {
    setTransferTarget("");
    showMessage(format("transfer_failed", target));
  });
};

const rememberTransfer = (peer, target) => {
  const remembered = { peer, message: format("transfer_failed", target) };
  lastTransfer = remembered;
  setTimeout(() => {
    if (lastTransfer === remembered) lastTransfer = null;
  }, RETURN_TIME);
};

// --- a call ends -----------------------------------------------------------------------------------------------------

const endCall = (message) => {
  const ended = call;
  call = null;
  stopRinging();
  ended.stopWatching?.();
  showQuality(false);
  $("sound").srcObject = null;
  addToHistory({ peer: ended.peer, outcome: outcomeOf(ended), seconds: callSeconds(ended) });
  showMessage(ended.finalMessage ?? message);
  if (numberLost) setTimeout(leavePage, 1500);
  else showCall(null);
};

const outcomeOf = ({ direction, since }) => {
  if (direction === "outgoing") return "made";
  return since ? "received" : "missed";
};
