//# fetch
// manifest.json: {"name": "host:network", "scope": {"domains": ["data.example"]}, "reason": "…"}
const response = await guichet.network.fetch({
  method: "POST",
  url: "https://data.example/reports",
  headers: [{ name: "content-type", value: "application/json" }],
  body: JSON.stringify({ place: "18 Mill Lane" }),
});
response.status; // → 201
JSON.parse(response.body).number; // → 7

// The same with what browsers have; it is carried by the same host API.
const again = await fetch("https://data.example/reports/7");
(await again.json()).place; // → "18 Mill Lane"
