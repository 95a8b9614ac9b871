// The search field of a list asks while one types. Without this script, the form asks with Enter.

const form = document.getElementById("search");
const field = document.getElementById("q");
const isSearch = (event) => event.detail.ctx.sourceElement === form;
// What the server is asked: it ignores further blanks.
const question = (property) => JSON.stringify(
  Array.from(form.querySelectorAll("input"), (input) => [input.name, input[property].trim().replace(/\s+/g, " ")]),
);
let shown = form && question("defaultValue"); // the question that the list answers
let asked = null; // the request that is under way, and its question
let openRows = [];
let onShown = null; // what to do after that

/** Run an action when the list shows what is typed. */
export const whenShown = (action) => {
  if (asked) onShown = action;
  else action();
};

form?.addEventListener("input", () => { onShown = null; });

document.addEventListener("htmx:config:request", (event) => {
  if (!isSearch(event)) return;
  const text = question("value");
  if (text === (asked?.text ?? shown)) {
    event.preventDefault();
  } else if (text === shown) { // typed, and deleted again before the answer
    event.preventDefault();
    asked = null;
    form.dispatchEvent(new Event("htmx:abort"));
  } else {
    asked = { ctx: event.detail.ctx, text };
  }
});

document.addEventListener("htmx:finally:request", (event) => {
  if (event.detail.ctx === asked?.ctx) asked = null;
});

// Rows that are open for editing stay, whatever the search finds: what was typed in them is not saved yet.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const address = isSearch(event) && ctx.hx.replaceurl; // none when the session has ended
  if (address) {
    shown = asked.text;
    history.replaceState(null, "", address);
    openRows = [...document.querySelectorAll("#results tbody.edit")];
    for (const row of openRows) row.remove(); // before htmx removes its listeners
  } else if (ctx.sourceElement.id === "poll" && ctx.request.headers["HX-Current-URL"] !== location.href) {
    event.preventDefault(); // the list shows another search meanwhile, and polls again
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  if (!isSearch(event)) return;
  for (const row of openRows.splice(0)) {
    const place = document.getElementById(row.id);
    if (place) place.replaceWith(row);
    else document.getElementById("add").after(row);
  }
  field.toggleAttribute("aria-invalid", false);
  if (document.querySelector("#search-problems .err")) field.setAttribute("aria-invalid", "true");
  onShown?.();
  onShown = null;
});
