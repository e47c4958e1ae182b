// What one leaves with: the number, and what to do next.

import "../common/icons.js";
import { say } from "../common/words.js";

const part = (id) => /** @type {any} */ (document.getElementById(id));
const number = new URLSearchParams(location.search).get("number") ?? "";
const application = await guichet.logic.call("application", { number });

part("number").textContent = number;
part("see").href = `record.html?number=${encodeURIComponent(number)}`;
part("bring").textContent = say("receipt.bring", { proof: say(`proof.${application?.fields.proof ?? "lease"}`) });
part("where").textContent = say("receipt.where", { hall: say(`hall.${application?.fields.hall ?? "riverside"}`) });
part("home").addEventListener("click", () => guichet.navigation.back().catch(() => guichet.navigation.redirect("pages/home")));
