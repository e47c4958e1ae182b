import { say } from "../common/words.js";

document.title = say("rules.title");
document.getElementById("back").addEventListener("click", () => guichet.navigation.back());
