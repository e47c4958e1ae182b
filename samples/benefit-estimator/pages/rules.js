// How the estimate is reckoned, with the figures the logic reckons with.

import "../common/icons.js";
import { say, yuan } from "../common/words.js";

const part = (id) => document.getElementById(id);
const rules = await guichet.logic.call("rules");

part("year").textContent = say("rules.year", { year: rules.year });
part("allowance").textContent = say("rules.allowance", { urban: yuan(rules.standard_urban), rural: yuan(rules.standard_rural) });
part("deduction").textContent = say("rules.deduction", { percent: rules.deduction_percent, most: yuan(rules.deduction_most) });
part("supplement").textContent = say("rules.supplement", { child: rules.child_percent, elder: rules.elder_percent, disabled: rules.disabled_percent });
part("edge").textContent = say("rules.edge", { percent: rules.edge_percent });
part("childcare").textContent = say("rules.childcare", { amount: yuan(rules.childcare) });
part("savings").textContent = say("rules.savings", { months: rules.savings_months });

function row(first, second) {
  const made = document.createElement("tr");
  made.append(Object.assign(document.createElement("th"), { scope: "row", textContent: first }), Object.assign(document.createElement("td"), { textContent: second }));
  return made;
}

part("brackets").replaceChildren(...rules.rent_brackets.map(({ income_percent, paid_percent }) => row(say("rules.up_to", { percent: income_percent }), `${paid_percent}%`)));
part("recognized").replaceChildren(
  ...rules.rent_most.map((most, index) => row(say("rules.people", { count: index + 1 }), yuan(most))),
  row(say("rules.each_more"), say("rules.plus", { amount: yuan(rules.rent_more) })),
);
part("back").addEventListener("click", () => guichet.navigation.back().catch(() => guichet.navigation.redirect("pages/home")));
