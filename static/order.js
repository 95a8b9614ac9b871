// Rules are dragged by the handle in their row; the buttons beside it do the same without a mouse.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.routes");
  let next = null, undo = null;  // the row that stood behind the dragged one; what puts that one back
  const failed = () => { undo?.(); undo = null; };  // the server did not move it: the page shows the server's order
  for (const event of ["htmx:error", "htmx:response:error"]) document.addEventListener(event, failed);
  document.addEventListener("htmx:after:swap", () => { undo = null; });
  table.classList.add("sortable");
  Sortable.create(table, {
    draggable: "tbody[id^=way]", handle: ".grip",
    onStart: ({ item }) => { next = item.nextElementSibling; },
    onEnd: ({ item, oldDraggableIndex, newDraggableIndex }) => {
      if (oldDraggableIndex === newDraggableIndex) return;
      const before = next;
      undo = () => table.insertBefore(item, before?.isConnected ? before : null);
      const form = item.querySelector("form.move");  // its answer puts the row where the server has it
      const after = item.previousElementSibling?.id.match(/^way-(\d+)$/)?.[1] ?? "";  // others may have moved rows meanwhile
      const values = { csrf_token: form.elements.csrf_token.value, after };
      htmx.ajax("POST", form.dataset.to, { source: table, swap: "none", values });
    },
  });
});
