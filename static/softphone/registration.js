// Registering with the PBX, and again after every failure; at another of its hosts where the present one is gone.
import { post, setRegistrationState } from "../agent-session.js";
import { $ } from "./view.js";

export let userAgent; // of JsSIP, from the first connection on
export let number; // the account's own number
export let host; // of SIP addresses
export let iceServers = [];
export let numberLost = false;
const allowedWebSockets = $("softphone").dataset.websockets.split(" "); // by the page's content security policy
let handlers;
let retryTimer = 0;
let connectedUrl; // of the WebSocket that was open last

/** JsSIP tries the hosts' sockets in turn. During a call only that of its host: another one does not know the call. */
class HostSocket extends JsSIP.WebSocketInterface {
  connect() {
    if (handlers.isBusy() && this.url !== connectedUrl) this.ondisconnect(true);
    else super.connect();
  }
}

/**
 * Register now and stay registered.
 *
 * `onIncomingCall` gets JsSIP's session and the caller's number. `isBusy` tells whether there is a call.
 */
export const register = (newHandlers) => {
  handlers = newHandlers;
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
  const { websockets } = credentials;
  const started = new JsSIP.UA({
    sockets: websockets.map((url, place) => ({ socket: new HostSocket(url), weight: websockets.length - place })),
    uri: `sip:${number}@${host}`,
    authorization_user: number,
    realm: credentials.realm,
    ha1: credentials.ha1,
    register_expires: 120,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 10,
  });
  userAgent = started;
  const on = (event, action) => started.on(event, (data) => {
    if (started === userAgent) action(data); // and not one that was left, which takes a while to end
  });
  on("connected", () => {
    connectedUrl = started.transport.url;
  });
  on("registered", () => setRegistrationState("registered"));
  on("disconnected", () => setRegistrationState("lost"));
  on("registrationFailed", (event) => {
    if (event.response) setRegistrationState("refused");
    scheduleReconnect(); // a generation may have changed the password
  });
  on("newRTCSession", ({ session, originator, request }) => {
    if (originator === "remote") handlers.onIncomingCall(session, request.from.uri.user);
  });
  started.start();
};

/** Leave a host that is gone, though its socket may still be open, and register at one of these. */
const changeHost = (websockets) => {
  if (!websockets.some((url) => allowedWebSockets.includes(url))) {
    location.reload(); // all of them are newer than this page
    return;
  }
  userAgent.stop();
  userAgent = undefined;
  setRegistrationState("connecting");
  connect();
};

const scheduleReconnect = () => {
  if (numberLost || retryTimer) return;
  retryTimer = setTimeout(() => {
    retryTimer = 0;
    connect();
  }, 5000);
};

/**
 * Register again if the credentials changed, or if the PBX has no contact; elsewhere if the host is not present.
 *
 * A call in progress goes on. `websockets` are those of the present hosts; there is none if the server knows of none.
 */
export const onContact = ({ contact, sip_changed, websockets }) => {
  const isHostGone = userAgent && websockets.length && !websockets.includes(userAgent.transport.url);
  if (isHostGone && !handlers.isBusy()) changeHost(websockets);
  else if (userAgent?.isConnected() && (sip_changed || !contact) && !retryTimer) connect();
};

/** Register no more: the number is no longer ours. */
export const giveUpNumber = () => {
  numberLost = true;
};

export const leavePage = () => {
  userAgent?.stop();
  location.reload();
};
