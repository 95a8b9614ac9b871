// Routes are dragged by the handle in their row; the buttons next to it do the same without a mouse.
const table = document.querySelector(".routes-table");
let following = null;  // the row after the dragged one
let revert = null;  // puts the dragged row back

// When the server did not move the route, the page shows the server's order again. The page's polls are no moves.
const listen = (name, action) => document.addEventListener(name, (event) => {
  if (event.detail.ctx?.sourceElement === table) action();
});
const failed = () => { revert?.(); revert = null; };
for (const name of ["htmx:error", "htmx:response:error"]) listen(name, failed);
listen("htmx:after:swap", () => { revert = null; });

const move = ({ item, oldDraggableIndex, newDraggableIndex }) => {
  if (oldDraggableIndex === newDraggableIndex) return;
  const next = following;
  revert = () => table.insertBefore(item, next?.isConnected ? next : null);
  const form = item.querySelector("form.move");
  // The route before it, not its position: other users may have moved routes meanwhile.
  const after = item.previousElementSibling?.id.match(/^route-(\d+)$/)?.[1] ?? "";
  const values = { csrf_token: form.elements.csrf_token.value, after };
  htmx.ajax("POST", form.getAttribute("action"), { source: table, swap: "none", values });
};

table.classList.add("sortable");
Sortable.create(table, {
  draggable: "tbody.route",
  handle: ".drag-handle",
  onStart: ({ item }) => { following = item.nextElementSibling; },
  onEnd: move,
});
