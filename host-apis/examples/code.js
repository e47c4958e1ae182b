//# make
const svg = await guichet.code.make("guichet://miniapp/gov.example.permit");
svg.startsWith("<svg"); // → true

//# make-bars
const bars = await guichet.code.makeBars("Case 2026-0042", "code128");
bars.startsWith("<svg"); // → true

//# read
// A white picture of four by four pixels; a page takes the pixels from a canvas.
const texts = await guichet.code.read({ width: 4, grey: new Uint8Array(16).fill(255) });
texts; // → []
