import assert from "node:assert/strict";
import { test } from "node:test";
import { isComplete, withReport } from "../src/reports.js";

test("a draft needs a place and a matter", () => {
  assert.equal(isComplete({ street: "Mill Lane 3", what: "light out" }), true);
  assert.equal(isComplete({ street: "  ", what: "light out" }), false);
  assert.equal(isComplete({ street: "Mill Lane 3", what: "" }), false);
});

test("the newest report comes first, and fifty are kept", () => {
  const many = Array.from({ length: 50 }, (_, index) => ({ number: `${index}` }));
  const reports = withReport(many, { street: " Mill Lane 3 ", what: "light out" }, "20260101-A");
  assert.equal(reports.length, 50);
  assert.deepEqual(reports[0], { number: "20260101-A", street: "Mill Lane 3", what: "light out" });
});
