// The last eight calls of this browser tab.
import { $, format, formatDuration, labels } from "./view.js";

const storageKey = `call-history ${$("softphone").dataset.user}`;
let onSelect;

const loadHistory = () => JSON.parse(sessionStorage.getItem(storageKey) ?? "[]");

/** Show the list; a click on a number calls `dial` with it. */
export const showHistory = (dial) => {
  onSelect = dial;
  renderList();
};

/** Add a call: `peer` is the number, `outcome` one of made, received and missed. */
export const addToHistory = ({ peer, outcome, seconds }) => {
  const entries = [{ peer, outcome, seconds, endedAt: Date.now() }, ...loadHistory()].slice(0, 8);
  sessionStorage.setItem(storageKey, JSON.stringify(entries));
  renderList();
};

const renderList = () => {
  const entries = loadHistory();
  $("no-calls").hidden = entries.length > 0;
  $("call-history").replaceChildren(...entries.map(renderEntry));
};

const renderEntry = ({ peer, outcome, seconds, endedAt }) => {
  const row = document.createElement("li");
  const isWithheld = peer === labels.withheld; // nobody to call back
  const button = document.createElement(isWithheld ? "span" : "button");
  const details = document.createElement("span");
  button.textContent = peer;
  if (!isWithheld) {
    Object.assign(button, { type: "button", className: "link" });
    button.setAttribute("aria-label", format("dial", peer));
    button.addEventListener("click", () => onSelect(peer));
  }
  const { lang } = document.documentElement;
  const time = new Date(endedAt).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit" });
  const duration = seconds ? ` · ${formatDuration(seconds)}` : "";
  details.textContent = ` ${labels[outcome]} · ${time}${duration}`;
  row.append(button, details);
  return row;
};
