//# printers
const [printer] = await guichet.print.printers();
[printer.name, printer.condition]; // → ["A4","ready"]
printer.takes.includes("pdf"); // → true

//# submit
const job = await guichet.print.submit({ document: "Certificate of residence\nNo. 7\n", copies: 1 });
job; // → 1

const page = await guichet.print.submit({ document: { paper: "a4" } });
page; // → 2

//# status
const number = await guichet.print.submit({ document: "Certificate of residence\n" });
const { progress } = await guichet.print.status(number);
["waiting", "printing", "done"].includes(progress); // → true

//# cancel
const wrong = await guichet.print.submit({ document: "the wrong page\n", printer: "A4" });
await guichet.print.cancel(wrong);
(await guichet.print.status(wrong)).progress; // → "cancelled"
