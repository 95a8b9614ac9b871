// A request that was refused until the password is entered is sent again as soon as it has been.

let refused = null;

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const asks = ctx.response.status === 401 && ctx.response.headers.get("HX-Retarget") === "#alert";
  if (asks) refused = { source: ctx.sourceElement, submitter: ctx.request.submitter };
});

document.addEventListener("htmx:finally:request", (event) => {
  const { request, response } = event.detail.ctx;
  const isConfirmed = response?.status === 200 && new URL(request.action, location.href).pathname === "/confirm";
  if (!isConfirmed || !refused) return;
  const { source, submitter } = refused;
  refused = null;
  if (![source, submitter ?? source].every((element) => element.isConnected)) return; // the row was closed meanwhile
  if (source.matches("form")) source.requestSubmit(submitter);
  else source.click();
});
