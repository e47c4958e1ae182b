//# show
const number = await guichet.notify.show("Your turn is near", "Three people are before you.");
number; // → 1

//# withdraw
const shown = await guichet.notify.show("It is your turn");
await guichet.notify.withdraw(shown);
