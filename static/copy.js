// Buttons with data-copy copy the text of the element with that id, and announce the text of data-copied.
import { announce } from "./alerts.js";

/** Of a list, a line "Name: value" for each value that is marked: buttons and hints stand in it too. */
const copiedText = (source) => {
  if (source.tagName !== "DL") return source.textContent;
  const line = (value) => `${value.closest("dd").previousElementSibling.textContent}: ${value.textContent}`;
  return Array.from(source.querySelectorAll("[data-copied-value]"), line).join("\n");
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  // A page over plain HTTP may not write to the clipboard: the text is selected, so that Ctrl+C copies it.
  getSelection().selectAllChildren(source);
  navigator.clipboard?.writeText(copiedText(source)).then(() => announce(button.dataset.copied), () => {});
});

// Ctrl+C then copies the same lines: only a button selects a list as a whole.
document.addEventListener("copy", (event) => {
  const source = getSelection().anchorNode;
  if (source?.tagName !== "DL") return;
  event.clipboardData.setData("text/plain", copiedText(source));
  event.preventDefault();
});
