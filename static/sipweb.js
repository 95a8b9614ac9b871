// What plain HTML and htmx leave undone: a button's own address, Escape, copying, and a server that is gone.
"use strict";
const lost = document.currentScript.dataset.lost;
const say = (text) => { document.getElementById("alert").textContent = text; };

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const address = ctx.request.submitter?.getAttribute("formaction");
  if (!address) return;
  ctx.request.action = address;
  ctx.target = ctx.request.submitter.closest("tbody");
});
document.addEventListener("htmx:error", (event) => { if (!event.detail.ctx?.response) say(lost); });
document.addEventListener("htmx:before:request", () => say(""));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest("tbody.edit")?.querySelector("[data-cancel]")?.click();
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "/" && !typing) { event.preventDefault(); document.getElementById("q")?.focus(); }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
});
