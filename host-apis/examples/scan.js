//# scanners
await guichet.scan.scanners(); // → ["A4"]

//# page
const jpeg = await guichet.scan.page({ colours: "grey", resolution: 150 });
[jpeg[0], jpeg[1]]; // → [255,216]
