// Where the keyboard is after an answer of the server.

const activeElementKey = () => document.activeElement.id || document.activeElement;

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.activeElementKey = activeElementKey();
});

// An answer moves the focus only if it is where it was at the click: a user who types in another field stays there.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (document.activeElement === document.body || activeElementKey() === ctx.activeElementKey) return;
  for (const { fragment } of tasks) {
    for (const field of fragment.querySelectorAll("[autofocus]")) field.autofocus = false;
  }
});

// A cancelled add form leaves no row whose Edit link could have the focus: it returns to the button Add.
document.addEventListener("htmx:after:swap", (event) => {
  const cancelled = event.detail.ctx.request.action.endsWith("/new/cancel");
  if (cancelled && document.activeElement === document.body) document.getElementById("add-new").focus();
});

// An undone change of many accounts takes the button Undo with it. The focus goes where it was after the change.
document.addEventListener("htmx:after:swap", (event) => {
  const undone = /\/accounts\/undo(\?|$)/.test(event.detail.ctx.request.action);
  if (undone && document.activeElement === document.body) {
    document.getElementById("select-all")?.focus({ preventScroll: true });
  }
});

// An acknowledged warning takes its button with it. The focus goes to the region, or to the page's heading when the
// region is empty: not to another button, which a second press of Enter would use unseen.
document.addEventListener("htmx:after:swap", (event) => {
  const removed = /\/(acknowledge|dismiss)$/.test(event.detail.ctx.request.action);
  if (!removed || document.activeElement !== document.body) return;
  const place = document.querySelector("#warnings:not([hidden])") ?? document.querySelector("h1");
  place.tabIndex = -1;
  place.focus();
});

// A row that was opened is shown as a whole, above the bar of the pending changes.
document.addEventListener("htmx:after:swap", (event) => {
  const { target } = event.detail.ctx;
  if (target?.matches?.("tbody")) document.activeElement.closest("tbody.edit")?.scrollIntoView({ block: "nearest" });
});
