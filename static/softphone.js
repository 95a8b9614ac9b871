// The built-in softphone: JsSIP over WebSocket, one call at a time. The page's HTML is its face, the state below its mind.
"use strict";
const Softphone = (() => {
  const $ = (id) => document.getElementById(id);
  const words = JSON.parse($("words").textContent);
  const phrase = (name, peer) => words[name].replace("{}", () => peer);
  const tell = (text) => { $("said").textContent = text; };
  const CAUSES = { "Busy": "busy", "Rejected": "silent", "No Answer": "silent", "Unavailable": "silent", "Not Found": "unknown", "Address Incomplete": "unknown" };
  const title = document.title;
  let ua, post, show, retry = 0, call = null, gone = false;

  // --- registering ---------------------------------------------------------------------------------------------------
  const connect = async () => {
    if (gone) return;
    let phone;
    try { phone = await post("/agent/phone"); } catch { return again(); }
    if (!phone) return taken();
    if (ua) { ua.set("ha1", phone.ha1); return ua.register(); }
    ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(phone.ws)], uri: `sip:${phone.number}@${phone.host}`,
      authorization_user: phone.number, realm: phone.realm, ha1: phone.ha1, register_expires: 120, session_timers: false,
      connection_recovery_min_interval: 1, connection_recovery_max_interval: 10,
    });
    ua.stun = phone.stun ? [{ urls: `stun:${phone.stun}` }] : [];
    Object.assign(ua, { host: phone.host, number: phone.number });
    ua.on("registered", () => show("registered"));
    ua.on("disconnected", () => show("lost"));
    ua.on("registrationFailed", (event) => {
      if (event.response) show("refused");
      again();  // a generation may have brought another password
    });
    ua.on("newRTCSession", ({ session, originator, request }) => {
      if (originator === "remote") incoming(session, request.from.uri.user);
    });
    ua.start();
  };
  const again = () => { if (!gone) retry ||= setTimeout(() => { retry = 0; connect(); }, 5000); };
  // What the PBX says: a generation made it forget this phone when its password changed.
  const seen = (contact) => { if (ua?.isConnected() && !contact && !retry) connect(); };
  const taken = () => {
    gone = true;
    if (!call) return leave();
    $("taken").hidden = false;
    ua.unregister();  // the number may be somebody else's by now; the call needs no registration
  };
  const leave = () => { ua?.stop(); location.reload(); };

  // --- calls -----------------------------------------------------------------------------------------------------------
  const media = () => {
    const chosen = $("microphone").value;
    return { mediaConstraints: { audio: chosen ? { deviceId: { exact: chosen } } : true, video: false }, pcConfig: { iceServers: ua.stun } };
  };
  const incoming = (session, peer) => {
    let news = "";
    if (call?.passing) {  // nobody took the call that is being transferred: it comes back
      news = phrase("refused", call.passing);
      call.passing = "";
      call.session.terminate();
    }
    if (call) {
      session.terminate({ status_code: 486 });
      tell(phrase("taken", peer));
      return note({ peer, way: "missed", seconds: 0 });
    }
    follow(session, peer, "incoming");
    tell(news);
    ring([1, 4], 0.25);
  };
  const plain = (number) => number.replace(/[\s()./-]/g, "");
  const dial = (number) => {
    const peer = plain(number);
    if (!peer || call || !ua?.isRegistered()) return;
    if (peer === ua.number) return tell(phrase("busy", peer));
    let session;
    try { session = ua.call(`sip:${encodeURIComponent(peer)}@${ua.host}`, media()); } catch { return tell(phrase("unknown", peer)); }
    $("dialled").value = "";
    follow(session, peer, "outgoing");
  };
  const follow = (session, peer, way) => {
    tell("");
    $("target").value = "";
    call = { session, peer, way, state: way, since: 0, held: false, muted: false };
    const hear = (connection) => {
      connection.addEventListener("track", ({ track, streams }) => {
        $("sound").srcObject = streams[0] ?? new MediaStream([track]);
      });
      connection.addEventListener("connectionstatechange", () => setTimeout(cut, 10000, session, connection));
    };
    if (session.connection) hear(session.connection);
    else session.on("peerconnection", ({ peerconnection }) => hear(peerconnection));
    session.on("icecandidate", gathered(session));
    session.on("progress", () => { if (way === "outgoing") ring([1, 4], 0.06); });
    session.on("confirmed", () => { hush(); Object.assign(call, { state: "talking", since: Date.now() }); draw(); });
    session.on("accepted", hush);
    for (const [event, change] of [["hold", { held: true }], ["unhold", { held: false }], ["muted", { muted: true }], ["unmuted", { muted: false }]]) {
      session.on(event, ({ originator }) => { if (originator !== "remote" && call) { Object.assign(call, change); draw(); } });
    }
    session.on("getusermediafailed", () => { $("deaf").hidden = false; });
    session.on("ended", () => over(words.ended));
    session.on("failed", ({ cause, message, originator }) => {
      if (way === "incoming") return over(words.ended);
      const forbidden = message?.status_code === 403;
      over(originator === "local" ? words.ended : phrase(forbidden ? "forbidden" : CAUSES[cause] ?? "failed", peer));
    });
    draw();
  };
  // Nothing has been heard of the other end for long: the call is none any more, even if nobody could say so.
  const cut = (session, connection) => {
    if (call?.session !== session || connection.connectionState !== "failed") return;
    call.last = words.cut;
    session.terminate();
  };
  // Candidates that take long (a STUN server that is silent) do not hold up the call.
  const gathered = () => {
    let timer;
    return ({ ready }) => { clearTimeout(timer); timer = setTimeout(ready, 500); };
  };
  const over = (text) => {
    const { peer, way, since, last } = call;
    call = null;
    hush();
    $("sound").srcObject = null;
    const seconds = since ? Math.round((Date.now() - since) / 1000) : 0;
    note({ peer, way: way === "outgoing" ? "made" : since ? "received" : "missed", seconds });
    tell(last ?? text);
    if (gone) return setTimeout(leave, 1500);
    draw();
  };
  const transfer = (typed) => {
    const number = plain(typed), mine = call;
    if (!number || number === mine.peer || number === ua.number) return tell(phrase("refused", number));
    const pass = (to) => { mine.passing = to; draw(); };
    const end = (name) => () => {
      if (!mine.passing) return;
      Object.assign(mine, { last: phrase(name, number), passing: "" });
      if (call === mine) mine.session.terminate(); else tell(mine.last);
    };
    const subscription = mine.session.refer(`sip:${encodeURIComponent(number)}@${ua.host}`);
    pass(number);
    tell(phrase("passing", number));
    subscription.on("accepted", end("transferred"));
    subscription.on("failed", end("refused"));  // once the PBX has taken the transfer on, there is no call here any more
    subscription.on("requestFailed", () => { pass(""); tell(phrase("refused", number)); });
  };
  const press = (key) => {
    if (call?.state === "talking") call.session.sendDTMF(key, { transportType: "RFC2833" });
    else if (!call) { $("dialled").value += key; $("dialled").focus(); }
  };

  // --- what is seen ----------------------------------------------------------------------------------------------------
  const draw = () => {
    $("call").hidden = !call;
    $("dial").hidden = Boolean(call);
    document.title = call?.state === "incoming" ? `☎ ${phrase("incoming", call.peer)}` : title;
    if (!call) return focusOn("dialled");
    const ringing = call.state === "incoming", talking = call.state === "talking";
    const text = phrase(call.held ? "held" : call.state, call.peer);
    if ($("peer").textContent !== text) $("peer").textContent = text;
    for (const [id, seen] of [["answer", ringing], ["decline", ringing], ["hangup", !ringing], ["hold", talking], ["mute", talking], ["transfer", talking && !call.passing]]) $(id).hidden = !seen;
    $("hold").setAttribute("aria-pressed", call.held);
    $("mute").setAttribute("aria-pressed", call.muted);
    tickTimer();
    focusOn(ringing ? "answer" : "hangup");
  };
  // The keyboard goes on where it makes sense, unless it is at work elsewhere on the page.
  const focusOn = (id) => {
    const at = document.activeElement;
    if (!at || at === document.body || !at.checkVisibility()) $(id).focus();
  };
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const tickTimer = () => { $("timer").textContent = call?.since ? clock(Math.round((Date.now() - call.since) / 1000)) : ""; };

  const LOG = `calls ${document.querySelector("[data-person]").dataset.person}`;
  const past = () => JSON.parse(sessionStorage.getItem(LOG) ?? "[]");
  const note = (entry) => {
    sessionStorage.setItem(LOG, JSON.stringify([{ ...entry, at: Date.now() }, ...past()].slice(0, 8)));
    list();
  };
  const list = () => {
    $("no-calls").hidden = past().length > 0;
    $("log").replaceChildren(...past().map(({ peer, way, seconds, at }) => {
      const row = document.createElement("li"), again = document.createElement("button"), said = document.createElement("span");
      Object.assign(again, { type: "button", className: "link", textContent: peer });
      again.setAttribute("aria-label", phrase("dial", peer));
      again.addEventListener("click", () => dial(peer));
      const when = new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      said.textContent = ` ${words[way]} · ${when}${seconds ? ` · ${clock(seconds)}` : ""}`;
      row.append(again, said);
      return row;
    }));
  };

  // --- sound and devices -----------------------------------------------------------------------------------------------
  let bell, bellTimer;
  const ring = ([on, off], loudness) => {
    hush();
    bell ??= new AudioContext();
    bell.resume();
    bell.setSinkId?.($("speaker").value).catch(() => {});
    const once = () => {
      const tone = bell.createOscillator(), volume = bell.createGain();
      tone.frequency.value = 425;  // Hz, the ringing tone of ITU-T E.180, one second of five
      volume.gain.value = loudness;
      tone.connect(volume).connect(bell.destination);
      tone.start();
      tone.stop(bell.currentTime + on);
    };
    once();
    bellTimer = setInterval(once, (on + off) * 1000);
  };
  const hush = () => { clearInterval(bellTimer); bell?.close(); bell = undefined; };

  const devices = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
      $("deaf").hidden = true;
    } catch { $("deaf").hidden = false; }
    for (const [kind, id] of [["audioinput", "microphone"], ["audiooutput", "speaker"]]) {
      const found = (await navigator.mediaDevices?.enumerateDevices() ?? []).filter((d) => d.kind === kind && d.deviceId && d.deviceId !== "default");
      const options = [["", words.standard], ...found.map((d) => [d.deviceId, d.label])].map(([value, text]) => new Option(text, value));
      $(id).replaceChildren(...options);
      $(id).value = localStorage.getItem(id) ?? "";
      if ($(id).selectedIndex < 0) $(id).value = "";
    }
    speak();
  };
  const speak = () => { $("sound").setSinkId?.($("speaker").value).catch(() => {}); };

  // --- hands -----------------------------------------------------------------------------------------------------------
  const start = (given, shown) => {
    [post, show] = [given, shown];
    show("connecting");
    $("desk").hidden = false;
    const on = (id, event, act) => $(id).addEventListener(event, (e) => { if (event === "submit") e.preventDefault(); act(); });
    on("dial", "submit", () => dial($("dialled").value));
    on("transfer", "submit", () => transfer($("target").value));
    on("answer", "click", () => call.session.answer(media()));
    on("decline", "click", () => call.session.terminate({ status_code: 486 }));
    on("hangup", "click", () => call.session.terminate());
    on("hold", "click", () => { if (call.held) call.session.unhold(); else call.session.hold(); });
    on("mute", "click", () => { if (call.muted) call.session.unmute(); else call.session.mute(); });
    on("microphone", "change", () => localStorage.setItem("microphone", $("microphone").value));
    on("speaker", "change", () => { localStorage.setItem("speaker", $("speaker").value); speak(); });
    for (const key of document.querySelectorAll("[data-key]")) key.addEventListener("click", () => press(key.dataset.key));
    document.addEventListener("keydown", (event) => {
      const free = !event.target.matches("input, select") && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (free && /^[0-9*#]$/.test(event.key)) { event.preventDefault(); press(event.key); }
    });
    navigator.mediaDevices?.addEventListener("devicechange", devices);
    addEventListener("beforeunload", (event) => { if (call && !gone) event.preventDefault(); });
    addEventListener("pagehide", () => ua?.stop());
    setInterval(tickTimer, 1000);
    list();
    devices();
    connect();
  };
  return { start, seen, taken, busy: () => Boolean(call) };
})();
