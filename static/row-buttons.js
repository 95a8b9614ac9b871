// The buttons and links of a list's rows: a button's own address, second clicks, and the Edit links.

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  const { submitter } = ctx.request;
  const address = submitter?.getAttribute("formaction"); // htmx knows the form's address only
  if (!address) return;
  // A second click waits for the answer to the first, which brings another button.
  const isSecond = submitter.hasAttribute("aria-busy");
  const question = submitter.dataset.confirm;
  if (isSecond || (question && !confirm(question))) {
    event.preventDefault();
    return;
  }
  submitter.setAttribute("aria-busy", "true");
  ctx.request.action = address;
  const row = submitter.closest("tbody");
  if (!row) return;
  ctx.target = row;
  // What stands in the form besides the token is not the button's: the selection, and what is to be done with it.
  const { body } = ctx.request;
  for (const name of [...body.keys()]) {
    if (name !== "csrf_token") body.delete(name);
  }
});

document.addEventListener("htmx:finally:request", (event) => {
  event.detail.ctx.request.submitter?.removeAttribute("aria-busy");
});

// A second click on Save waits for the first, whose answer closes the row: there is nothing left to save then.
document.addEventListener("htmx:before:request", (event) => {
  const { submitter } = event.detail.ctx.request;
  const rowWasReplaced = submitter?.closest(".edit") && !submitter.isConnected;
  if (rowWasReplaced && !submitter.hasAttribute("formaction")) event.preventDefault();
});

// One listener for all rows: 900 Edit links with htmx attributes would have to be prepared before the page can be used.
document.addEventListener("click", (event) => {
  const link = event.target.closest("tbody a[href$='/edit']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const [source, target] = [link.closest("table"), link.closest("tbody")];
  htmx.ajax("GET", link.getAttribute("href"), { source, target, swap: "outerHTML" });
});
