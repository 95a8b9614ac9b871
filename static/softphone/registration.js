// Registering with the PBX, and again after every failure.
import { post, setRegistrationState } from "../agent-session.js";

export let userAgent; // of JsSIP, from the first connection on
export let number; // the account's own number
export let host; // of SIP addresses
export let iceServers = [];
export let numberLost = false;
let handlers;
let retryTimer = 0;

/** Register now and stay registered. `onIncomingCall` gets JsSIP's session and the caller's number. */
export const register = ({ onIncomingCall, onNumberLost }) => {
  handlers = { onIncomingCall, onNumberLost };
  setRegistrationState("connecting");
  connect();
};

const connect = async () => {
  if (numberLost) return;
  let credentials;
  try {
    credentials = await post("/agent/sip-credentials");
  } catch {
    scheduleReconnect();
    return;
  }
  if (!credentials) {
    handlers.onNumberLost();
  } else if (userAgent) {
    userAgent.set("realm", credentials.realm);
    userAgent.set("ha1", credentials.ha1);
    userAgent.register();
  } else {
    startUserAgent(credentials);
  }
};

const startUserAgent = (credentials) => {
  ({ number, host } = credentials);
  if (credentials.stun) iceServers = [{ urls: `stun:${credentials.stun}` }];
  userAgent = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(credentials.ws)],
    uri: `sip:${number}@${host}`,
    authorization_user: number,
    realm: credentials.realm,
    ha1: credentials.ha1,
    register_expires: 120,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 10,
  });
  userAgent.on("registered", () => setRegistrationState("registered"));
  userAgent.on("disconnected", () => setRegistrationState("lost"));
  userAgent.on("registrationFailed", (event) => {
    if (event.response) setRegistrationState("refused");
    scheduleReconnect(); // a generation may have changed the password
  });
  userAgent.on("newRTCSession", ({ session, originator, request }) => {
    if (originator === "remote") handlers.onIncomingCall(session, request.from.uri.user);
  });
  userAgent.start();
};

const scheduleReconnect = () => {
  if (numberLost || retryTimer) return;
  retryTimer = setTimeout(() => {
    retryTimer = 0;
    connect();
  }, 5000);
};

/** Register again if the credentials changed, or if the PBX has no contact. A call in progress goes on. */
export const onContact = ({ contact, sip_changed }) => {
  if (userAgent?.isConnected() && (sip_changed || !contact) && !retryTimer) connect();
};

/** Register no more: the number is no longer ours. */
export const giveUpNumber = () => {
  numberLost = true;
};

export const leavePage = () => {
  userAgent?.stop();
  location.reload();
};
