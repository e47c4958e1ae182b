//# write
guichet.log.write("info", "three drafts found");
// The same with what browsers have:
console.info("three drafts found");

//# report
// What nobody catches is reported by itself; this is for what was caught and should be known all the same.
try {
  JSON.parse("{");
} catch (error) {
  guichet.log.report({ message: error.message, stack: error.stack });
}
