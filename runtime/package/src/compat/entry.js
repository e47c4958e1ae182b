// Stands in the place of app.js: the removed function is there before the package's own logic runs.
import { hear } from "./guichet-compat-global.js";
import * as app from "./guichet-compat-app.js";
export * from "./guichet-compat-app.js";

const own = app.default ?? {};
const both = (name) => (event) => {
  hear(name, event);
  if (typeof own[name] === "function") own[name](event);
};

export default { ...own, launched: both("launched"), shown: both("shown"), hidden: both("hidden"), error: both("error") };
