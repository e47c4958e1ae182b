//# languages
(await guichet.speech.languages()).includes("zh"); // → true

//# say
const number = await guichet.speech.say("请取走您的证明。", "zh-Hans", 80);
number; // → 1

//# wait-for
const spoken = await guichet.speech.say("Please take your certificate.", "en");
await guichet.speech.waitFor(spoken); // → "spoken"

//# stop
const left = await guichet.speech.say("A long text that nobody waits for.", "en");
await guichet.speech.stop();
["spoken", "stopped"].includes(await guichet.speech.waitFor(left)); // → true
