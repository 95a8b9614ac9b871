// The selection of accounts in the list. Without this script the checkboxes are sent as they are. With it, Shift
// selects a range, one checkbox selects all rows, and the selection survives what the server puts in place of rows.
import "./changed-rows.js";

const form = document.getElementById("row-actions");
const count = document.getElementById("bulk-count");
const announcement = document.getElementById("selected-count"); // the bar is hidden without a selection
const dialog = document.getElementById("bulk-dialog");
const preview = document.getElementById("bulk-preview");
const boxes = () => [...form.querySelectorAll("[name=id]")];
const boxOf = (id) => document.getElementById(`account-${id}`)?.querySelector("[name=id]");
const selected = new Set(); // the accounts' ids
let last = ""; // the account that was clicked last: Shift selects from there

/** Show how many rows are selected. */
const show = () => {
  const all = document.getElementById("select-all");
  all.removeAttribute("name"); // the ids are sent: the rows that the user sees, whoever changes something meanwhile
  all.checked = selected.size > 0 && selected.size === boxes().length;
  all.indeterminate = selected.size > 0 && !all.checked;
  document.getElementById("main").classList.toggle("has-selection", selected.size > 0);
  count.textContent = count.dataset.text.replace("{}", selected.size);
  const announced = selected.size ? count.textContent : "";
  if (announcement.textContent !== announced) announcement.textContent = announced;
};

const select = (box, isSelected) => {
  box.checked = isSelected;
  box.closest("tbody").classList.toggle("selected", isSelected);
  if (isSelected) selected.add(box.value);
  else selected.delete(box.value);
};

const selectAll = (isSelected) => {
  for (const box of boxes()) select(box, isSelected);
  show();
};

form.addEventListener("change", ({ target }) => {
  if (target.id === "select-all") {
    selectAll(target.checked);
  } else if (target.name === "id") {
    select(target, target.checked);
    show();
  }
});

// The checkbox has changed already when the click is heard.
form.addEventListener("click", (event) => {
  const { target } = event;
  if (target.name !== "id") return;
  const from = event.shiftKey && boxOf(last);
  if (from) {
    const all = boxes();
    const [first, end] = [all.indexOf(from), all.indexOf(target)].sort((a, b) => a - b);
    for (const box of all.slice(first, end + 1)) select(box, target.checked);
  }
  last = target.value;
});

// Rows that the server sends are not selected.
document.addEventListener("htmx:after:swap", () => {
  if (!selected.size) {
    show(); // a search brings another checkbox for all
    return;
  }
  for (const id of selected) {
    const box = boxOf(id);
    if (box) select(box, true);
    else selected.delete(id);
  }
  show();
});

const clear = document.getElementById("bulk-clear");
clear.hidden = false;
clear.addEventListener("click", () => {
  selectAll(false);
  boxOf(last)?.focus();
});

// Escape leads from the bar back to the row that was selected last.
document.getElementById("bulk-bar").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const row = (boxOf(last) ?? boxes().findLast((box) => box.checked))?.closest("tr");
  if (!row) return;
  row.tabIndex = -1; // as the keys j and k do
  row.focus();
});

const isDone = ({ request, response }) => response?.status === 200 && request.action.endsWith("/accounts/bulk/apply");

// The change is made. The bar is gone with the selection, and rows may be: the focus goes to the head of the list.
const finish = () => {
  dialog.close();
  form.reset(); // the new values too
  selected.clear();
  show();
  document.getElementById("select-all")?.focus({ preventScroll: true });
};

// The preview is a dialog here. It is closed after the rows are changed: each of the two makes the browser look at all
// of them.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (isDone(detail.ctx)) {
    if (dialog.open) finish();
  } else if (preview.childElementCount && !dialog.open) {
    dialog.showModal();
  }
});
dialog.addEventListener("close", () => preview.replaceChildren());
dialog.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-dialog]")) return;
  event.preventDefault();
  dialog.close();
});

// A button that leads to a page of its own is not htmx's.
document.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("data-plain")) event.stopPropagation();
}, { capture: true });

for (const box of boxes()) if (box.checked) select(box, true); // kept by the browser when the page was reloaded
show();
