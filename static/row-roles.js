// Each row of a list has a tbody of its own, so that an open row can have two lines. A screen reader would read 900
// groups of rows: role=none removes the groups, but also the roles of the rows and cells, which are therefore set
// again. The server doesn't send these roles, as validators refuse a role that repeats the element's own.

const CELL_ROLES = { TH: "rowheader", TD: "cell" };
const AT_ONCE = 50; // rows: 900 would keep the page from answering for 20 ms
const whenIdle = window.requestIdleCallback ?? setTimeout; // Safari has only the latter

const setRoles = () => {
  const bodies = [...document.querySelectorAll(".grid tbody:not([role])")];
  for (const body of bodies.slice(0, AT_ONCE)) {
    body.setAttribute("role", "none");
    for (const row of body.rows) {
      row.setAttribute("role", "row");
      for (const cell of row.cells) cell.setAttribute("role", CELL_ROLES[cell.tagName]);
    }
  }
  if (bodies.length > AT_ONCE) whenIdle(setRoles);
};

whenIdle(setRoles);
document.addEventListener("htmx:after:swap", setRoles);
