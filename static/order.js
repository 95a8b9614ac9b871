// Rules are dragged by the handle in their row; the buttons beside it do the same without a mouse.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const table = document.querySelector("table.routes");
  table.classList.add("sortable");
  Sortable.create(table, {
    draggable: "tbody[id^=way]", handle: ".grip",
    onEnd: ({ item, oldDraggableIndex, newDraggableIndex }) => {
      if (oldDraggableIndex === newDraggableIndex) return;
      const form = item.querySelector("form.move");  // its answer puts the row where the server has it
      const values = { csrf_token: form.elements.csrf_token.value, position: newDraggableIndex + 1 };
      htmx.ajax("POST", form.dataset.to, { source: table, swap: "none", values });
    },
  });
});
