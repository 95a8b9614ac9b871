// The ringing tone, and the choice of microphone and speaker.
import { $, labels } from "./view.js";

const RING_HERTZ = 425; // the ringing tone of ITU-T E.180, one second of five
const RING_SECONDS = 1;
const RING_INTERVAL = 5; // seconds
export const INCOMING_VOLUME = 0.25;
export const OUTGOING_VOLUME = 0.06;
let audioContext;
let ringTimer;

export const startRinging = (volume) => {
  stopRinging();
  audioContext = new AudioContext();
  audioContext.resume();
  audioContext.setSinkId?.($("speaker").value).catch(() => {});
  playTone(volume);
  ringTimer = setInterval(playTone, RING_INTERVAL * 1000, volume);
};

const playTone = (volume) => {
  const tone = audioContext.createOscillator();
  const gain = audioContext.createGain();
  tone.frequency.value = RING_HERTZ;
  gain.gain.value = volume;
  tone.connect(gain).connect(audioContext.destination);
  tone.start();
  tone.stop(audioContext.currentTime + RING_SECONDS);
};

export const stopRinging = () => {
  clearInterval(ringTimer);
  audioContext?.close();
  audioContext = undefined;
};

/** Fill both lists of devices. Their names are known only once the microphone may be used. */
export const listDevices = async () => {
  await checkMicrophone();
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  showDevices("microphone", devices.filter((device) => device.kind === "audioinput"));
  showDevices("speaker", devices.filter((device) => device.kind === "audiooutput"));
  useSpeaker();
};

const checkMicrophone = async () => {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    $("microphone-error").hidden = true;
  } catch {
    $("microphone-error").hidden = false;
  }
};

const showDevices = (id, devices) => {
  const named = devices.filter(({ deviceId }) => deviceId && deviceId !== "default");
  const options = named.map(({ deviceId, label }) => new Option(label, deviceId));
  $(id).replaceChildren(new Option(labels.default_device, ""), ...options);
  $(id).value = localStorage.getItem(id) ?? "";
  if ($(id).selectedIndex < 0) $(id).value = ""; // the chosen device is not plugged in
};

/** Send the sound of calls to the chosen speaker. */
export const useSpeaker = () => {
  $("sound").setSinkId?.($("speaker").value).catch(() => {});
};
