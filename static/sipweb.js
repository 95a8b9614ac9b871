// What plain HTML and htmx leave undone: a button's own address, Escape, copying, and a server that is gone.
"use strict";
const lost = document.currentScript.dataset.lost;
const say = (text) => { document.getElementById("alert").textContent = text; };
const polls = (event) => event.detail.ctx.sourceElement.hasAttribute("data-quiet");  // asked by the page, not by a person
let trouble = "";  // what stands in the alert while nobody answers; said once, gone when somebody does
const tell = (html) => { if (html !== trouble) { document.getElementById("alert").innerHTML = trouble = html; } };
const announce = (text) => {
  const line = document.createElement("p");
  line.textContent = text;
  document.getElementById("announce").replaceChildren(line);
};
const focused = () => document.activeElement.id || document.activeElement;

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  ctx.focused = focused();
  const { submitter } = ctx.request, address = submitter?.getAttribute("formaction");
  if (!address) return;
  if (submitter.hasAttribute("aria-busy")) return event.preventDefault();  // its first click waits for the answer, which is another button
  submitter.setAttribute("aria-busy", "true");
  ctx.request.action = address;
  ctx.target = submitter.closest("tbody");
});
document.addEventListener("htmx:finally:request", (event) => event.detail.ctx.request.submitter?.removeAttribute("aria-busy"));
// An answer takes the focus only from where it was at the click: whoever has gone to another field by now is left there.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (document.activeElement === document.body || focused() === ctx.focused) return;
  for (const { fragment } of tasks) for (const field of fragment.querySelectorAll("[autofocus]")) field.autofocus = false;
});
// An add form that is closed leaves no row whose Edit link could have the focus: it goes back to where it came from.
document.addEventListener("htmx:after:swap", (event) => {
  const closed = event.detail.ctx.request.action.endsWith("/new/close");
  if (closed && document.activeElement === document.body) document.getElementById("add-new").focus();
});
document.addEventListener("htmx:error", (event) => { if (!event.detail.ctx?.response) tell(lost); });
document.addEventListener("htmx:before:request", (event) => {
  const { submitter } = event.detail.ctx.request;  // a second click on Save waits for the first; then its row is closed
  if (submitter?.closest(".edit") && !submitter.isConnected && !submitter.hasAttribute("formaction")) return event.preventDefault();
  if (!polls(event)) { trouble = ""; say(""); } else if (document.hidden) event.preventDefault();
});
// A poll that is refused (the session is over, a proxy answers for the server) leaves the page as it is, with a sentence.
document.addEventListener("htmx:after:request", (event) => {
  const { response, text } = event.detail.ctx;
  if (!polls(event)) return;
  if (response.status < 400) return tell("");
  event.preventDefault();
  tell(response.headers.has("HX-Redirect") || response.headers.has("HX-Retarget") ? text : lost);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest("tbody.edit")?.querySelector("[data-cancel]")?.click();
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing) { event.preventDefault(); document.getElementById("q")?.focus(); }
});
// One listener for all rows' Edit links: 900 attributes would be 900 things to prepare before the page can be used.
document.addEventListener("click", (event) => {
  const link = event.target.closest("tbody a[href$='/edit']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.getAttribute("href"), { source: link.closest("table"), target: link.closest("tbody"), swap: "outerHTML" });
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const shown = document.getElementById(button.dataset.copy);
  getSelection().selectAllChildren(shown);  // a plain HTTP page may not write to the clipboard: Ctrl+C does
  navigator.clipboard?.writeText(shown.textContent).then(() => announce(button.dataset.copied), () => {});
});
