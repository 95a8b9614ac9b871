// Escape cancels the open row, / goes to the search.

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest("tbody.edit")?.querySelector("[data-cancel]")?.click();
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    document.getElementById("q")?.focus();
  }
});
