// The widget: which numbers are called.

import "../common/words.js";
import { draw, follow } from "../common/board.js";

const part = (id) => document.getElementById(id);
const show = () => draw(guichet.page.state, part("windows"), part("none"));

guichet.page.addEventListener("update", show);
show();
follow(part("told"));
