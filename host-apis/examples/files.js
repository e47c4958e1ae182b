//# pick
// When a button is pressed. manifest.json: {"name": "host:files", "scope": {"endings": ["txt", "pdf"]}, "reason": "…"}
const chosen = await guichet.files.pick(["txt"]);
chosen?.name; // → "sample.txt"

//# read
const file = await guichet.files.pick(["txt"]);
const bytes = await guichet.files.read(file.number, 0, file.size);
bytes.length === file.size; // → true

//# close
const done = await guichet.files.pick(["txt"]);
await guichet.files.close(done.number);

//# save
await guichet.files.save("certificate.txt", new Uint8Array([52, 50])); // → true
