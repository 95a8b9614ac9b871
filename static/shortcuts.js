// The keyboard. Escape leaves what is open. The other keys are off where the page has no list of them (#shortcuts): on
// the agent's page, where calls come in, and for users who have switched them off.
import { whenShown } from "./search.js";

const list = document.getElementById("shortcuts");
const field = document.getElementById("q");
const FIELDS = "input, select, textarea, [contenteditable]";
const TYPED = "input:not([type=checkbox]), select, textarea, [contenteditable]"; // where keys write or choose
const ROWS = "main .grid tbody:not(#add) > tr:first-child, #list tbody > tr";
const SEQUENCE_TIME = 1500; // milliseconds from g to the key after it

const isRow = (element) => element?.matches?.(ROWS) ?? false;

const focusRow = (row) => {
  if (!row) return;
  row.tabIndex = -1; // Tab goes on from here to the row's own controls
  row.focus();
};

/** The row that has the focus, or before there is one the first on the screen. */
const move = (step) => {
  const rows = [...document.querySelectorAll(ROWS)];
  const place = rows.indexOf(document.activeElement.closest("tbody > tr"));
  if (place >= 0) {
    focusRow(rows[place + step]);
    return;
  }
  const { bottom } = document.querySelector(".grid thead")?.getBoundingClientRect() ?? { bottom: 0 };
  focusRow(rows.find((row) => row.getBoundingClientRect().top >= Math.max(0, bottom - 1)));
};

const edit = (row) => {
  const body = row.closest("tbody");
  if (body.matches(".edit")) body.querySelector(FIELDS).focus();
  else row.querySelector("a[href$='/edit'], a[href$='/history']")?.click(); // who may not edit reads
};

const searchField = () => { field?.focus(); field?.select(); };

const SHORTCUTS = {
  "/": searchField,
  j: () => move(1),
  k: () => move(-1),
  n: () => document.getElementById("add-new")?.click(),
  b: () => document.getElementById("bulk-level")?.focus(), // of the bar, which is hidden without a selection
  "?": () => list.showModal(),
};
// These have a meaning of their own on a button or a link.
const ROW_SHORTCUTS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter: edit,
  x: (row) => row.querySelector("[name=id]")?.click(),
};

const leave = (element) => {
  const help = element.closest(".filter-help[open]");
  if (help) {
    help.open = false;
    help.querySelector("summary").focus();
  } else if (isRow(element) || (element === field && !field.value)) {
    element.blur();
  } else {
    element.closest("tbody.edit")?.querySelector("[data-cancel]")?.click();
  }
};

let isSequence = false; // g was pressed
let sequenceTimer;

const actionOf = ({ key, target }) => {
  if (isSequence) return () => document.querySelector(`.menu [data-go="${CSS.escape(key)}"]`)?.click();
  if (isRow(target)) return (ROW_SHORTCUTS[key] ?? SHORTCUTS[key])?.bind(null, target);
  if (target === document.body && key.startsWith("Arrow")) return ROW_SHORTCUTS[key];
  return SHORTCUTS[key];
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") leave(event.target);
  if (!list || event.ctrlKey || event.altKey || event.metaKey || event.target.closest(TYPED)) return;
  const action = actionOf(event);
  clearTimeout(sequenceTimer);
  isSequence = !isSequence && event.key === "g";
  sequenceTimer = setTimeout(() => { isSequence = false; }, SEQUENCE_TIME);
  if (!action) return;
  event.preventDefault();
  action();
});

// Enter in the search field goes on to the first row that it finds.
if (list && field) {
  field.form.addEventListener("submit", () => setTimeout(() => whenShown(() => {
    if (document.activeElement === field) focusRow(document.querySelector(ROWS));
  })));
}

// A row that the server sends anew keeps the focus.
let focusedRow = "";
document.addEventListener("htmx:before:swap", () => {
  focusedRow = isRow(document.activeElement) ? document.activeElement.closest("[id]").id : "";
});
document.addEventListener("htmx:after:swap", () => {
  if (focusedRow && document.activeElement === document.body) {
    focusRow(document.getElementById(focusedRow)?.querySelector("tr"));
  }
});
