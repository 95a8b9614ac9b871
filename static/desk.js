// The desk: tells the server that the agent is there, and the agent what became of the number and the phone.
"use strict";
const line = document.getElementById("line");
const token = document.querySelector("#leave [name=csrf_token]").value;
const softphone = typeof Softphone === "undefined" ? null : Softphone;  // only where the phone is the built-in one

/** POST to the server: its JSON; null when the number is no longer ours. Throws when the server cannot be reached. */
const post = async (address) => {
  const answer = await fetch(address, { method: "POST", redirect: "manual", headers: { "X-CSRFToken": token } });
  // 400: somebody logged in anew in this browser, whose pages carry another token
  if (answer.type === "opaqueredirect" || [400, 401].includes(answer.status)) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};
const show = (state) => { line.dataset.line = state; };

const beat = async () => {
  try {
    const said = await post("/agent/heartbeat");
    say("");
    if (!said) return softphone ? softphone.taken() : location.reload();
    if ((said.phone === "builtin") !== Boolean(softphone) && !softphone?.busy()) return location.reload();
    if (softphone) softphone.seen(said.contact); else show(said.contact ? "registered" : "away");
  } catch {
    say(lost);
  }
};

const work = () => {
  new Worker(document.querySelector("[data-tick]").dataset.tick, { name: softphone ? "20" : "5" }).onmessage = beat;
  if (softphone) softphone.start(post, show); else beat();
};
// One desk a browser: two tabs would take the number from each other. The second waits for the first to close.
const elsewhere = document.getElementById("elsewhere");
document.getElementById("scriptless").hidden = true;
const waiting = setTimeout(() => elsewhere?.removeAttribute("hidden"), 1000);
const alone = () => { clearTimeout(waiting); elsewhere?.setAttribute("hidden", ""); work(); };
if (navigator.locks) navigator.locks.request("desk", () => { alone(); return new Promise(() => {}); });
else alone();
