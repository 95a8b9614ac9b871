// The scripts of every page, one topic a module. base.html preloads them, so that they are fetched at the same time.
// row-buttons.js comes first: alerts.js leaves a request alone that row-buttons.js has cancelled.
import "./row-buttons.js";
import "./focus.js";
import "./row-roles.js";
import "./alerts.js";
import "./confirmation.js";
import "./copy.js";
import "./search.js";
import "./shortcuts.js";
