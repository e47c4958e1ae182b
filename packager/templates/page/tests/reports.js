// What people do with this app, and what they see of it. `guichet test` runs this: a journey that presses or reads something
// in the real window of each profile, the others without one.

const LIGHT = { kind: "light", place: "听雨路 18 号门口", note: "" };

journey("a report is kept, taken back and put back", async (app) => {
  await app.open();
  equal(await app.call("send", LIGHT), { number: 1 });
  const report = await app.call("withdraw", { number: 1 });
  equal(report.place, LIGHT.place);
  equal((await app.state()).reports, []);
  await app.call("put_back", report);
  equal((await app.state()).reports, [report]);
});

journey("what is missing is named, and nothing is kept", async (app) => {
  equal(await app.call("send", { ...LIGHT, place: " " }), { problems: { place: "problem.place" } });
  equal(await app.call("reports"), []);
});

journey("without storage nothing is kept, and the page hears of it", { permissions: [] }, async (app) => {
  const error = await rejects(app.call("send", LIGHT));
  equal(error.message.includes("host:storage"), true);
});

journey("a citizen reports a light and finds it again", async (app) => {
  await app.open();
  await app.see("还没有报修记录");
  await app.tap("报修一处");
  await app.tap("路灯");
  await app.type("在什么地方", LIGHT.place);
  await app.picture("report");
  await app.tap("交上去");
  await app.see(LIGHT.place);
  await app.gone("还没有报修记录");
  await app.picture("home");
});
