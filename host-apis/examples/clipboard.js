//# write
// When a button is pressed: copying needs a touch of the last 5 seconds, and no permission.
await guichet.clipboard.write("3301-2026-0042");

//# read
// manifest.json: {"name": "host:clipboard", "reason": "…"}
await guichet.clipboard.write("3301-2026-0042");
await guichet.clipboard.read(); // → "3301-2026-0042"
