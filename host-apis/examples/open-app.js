//# open
// When a button is pressed. manifest.json: {"name": "host:open-app", "scope": {"apps": ["gov.example.tax"]}, "reason": "…"}
const answer = await guichet.openApp.open("gov.example.tax", JSON.stringify({ bill: 7 }));
JSON.parse(answer).bill; // → 7

//# given
const visit = await guichet.openApp.given();
visit === undefined; // → true

//# answer
const visited = await guichet.openApp.given();
if (visited) await guichet.openApp.answer(JSON.stringify({ paid: true }));
