// The rows of accounts that were changed together. The server sends them all for #changed-rows; here they get into the
// rows of the same ids. A row that is open for editing stays. A row without content is to be removed.
//
// The rows' buttons and checkboxes keep their elements and get new attributes only: for each that is put in or taken
// out, Chromium looks through all controls of the form, 2,700 for 900 rows, which takes seconds.

const CONTROLS = "button, input";
const KEPT = new Set(["role", "tabindex"]); // set by scripts

const copyAttributes = (to, from) => {
  for (const { name } of [...to.attributes]) {
    if (!from.hasAttribute(name) && !KEPT.has(name)) to.removeAttribute(name);
  }
  for (const { name, value } of from.attributes) {
    if (to.getAttribute(name) !== value) to.setAttribute(name, value);
  }
};

const hasSameContent = (cell, other) => cell.childNodes.length === other.childNodes.length
  && [...cell.childNodes].every((node, place) => node.isEqualNode(other.childNodes[place]));

const copy = (to, from) => {
  if (to.className === from.className && hasSameContent(to, from)) return;
  copyAttributes(to, from);
  const [old, fresh] = [to, from].map((cell) => [...cell.children]);
  const isKept = ([first], [other]) => first?.matches(CONTROLS) && first.tagName === other?.tagName;
  if (!isKept(old, fresh)) {
    to.replaceChildren(...from.childNodes);
    return;
  }
  copyAttributes(old[0], fresh[0]);
  for (const element of old.slice(1)) element.remove();
  to.append(...fresh.slice(1));
};

const put = (fresh) => {
  const old = document.getElementById(fresh.id);
  if (!old || !fresh.childElementCount) {
    old?.remove();
  } else if (!old.matches(".edit")) {
    copyAttributes(old, fresh);
    const [to, from] = [old, fresh].map((body) => [...body.rows[0].cells]);
    to.forEach((cell, place) => copy(cell, from[place]));
  }
};

document.addEventListener("htmx:before:swap", (event) => {
  const { tasks } = event.detail;
  const place = tasks.findIndex(({ target }) => target?.id === "changed-rows");
  if (place < 0) return;
  const [{ fragment }] = tasks.splice(place, 1);
  for (const row of [...fragment.querySelectorAll("tbody")]) put(row);
});
