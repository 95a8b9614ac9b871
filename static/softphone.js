// The built-in softphone: JsSIP over WebSocket, one call at a time. This module connects the page's controls to it.
import { startSession } from "./agent-session.js";
import { listDevices, useSpeaker } from "./softphone/audio.js";
import * as calls from "./softphone/calls.js";
import { showHistory } from "./softphone/history.js";
import * as registration from "./softphone/registration.js";
import { $, showTimer } from "./softphone/view.js";

const start = () => {
  $("softphone").hidden = false;
  addListeners();
  setInterval(() => showTimer(calls.call), 1000);
  showHistory(calls.dial);
  listDevices();
  registration.register({ onIncomingCall: calls.onIncomingCall, onNumberLost, isBusy });
};

const addListeners = () => {
  const onSubmit = (id, action) => $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
  const onClick = (id, action) => $(id).addEventListener("click", action);
  onSubmit("dial", () => calls.dial($("dialled").value));
  onSubmit("transfer", () => calls.transfer($("target").value));
  onClick("answer", () => calls.answer());
  onClick("decline", () => calls.decline());
  onClick("hangup", () => calls.hangUp());
  onClick("hold", () => calls.toggleHold());
  onClick("mute", () => calls.toggleMute());
  $("microphone").addEventListener("change", () => localStorage.setItem("microphone", $("microphone").value));
  $("speaker").addEventListener("change", () => {
    localStorage.setItem("speaker", $("speaker").value);
    useSpeaker();
  });
  for (const button of document.querySelectorAll("[data-key]")) {
    button.addEventListener("click", () => calls.sendDtmf(button.dataset.key));
  }
  document.addEventListener("keydown", onKeyDown);
  navigator.mediaDevices?.addEventListener("devicechange", listDevices);
  addEventListener("beforeunload", (event) => {
    if (calls.call && !registration.numberLost) event.preventDefault();
  });
  addEventListener("pagehide", () => registration.userAgent?.stop());
};

const onKeyDown = (event) => {
  const isTyping = event.target.matches("input, select");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(event.key)) return;
  event.preventDefault();
  calls.sendDtmf(event.key);
};

const isBusy = () => Boolean(calls.call);

const onNumberLost = () => {
  registration.giveUpNumber();
  if (!calls.call) {
    registration.leavePage();
    return;
  }
  $("number-lost").hidden = false;
  registration.userAgent.unregister(); // another agent may get the number now; the call needs no registration
};

startSession({
  kind: "builtin",
  heartbeatSeconds: 20,
  start,
  isBusy,
  onContact: registration.onContact,
  onNumberLost,
});
