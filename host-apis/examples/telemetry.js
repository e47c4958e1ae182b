//# count
// In the manifest: { "name": "host:telemetry", "reason": "…", "scope": { "events": ["sent", "left:form"] } }
await guichet.telemetry.count("sent");
await guichet.telemetry.count("left", "form");
// What is not declared is not counted.
await guichet.telemetry.count("opened").catch((failure) => failure.name); // → "DeniedError"
