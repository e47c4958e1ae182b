// What people do with this app, and what they see of it. `guichet test` runs this, once the logic is built: a journey that
// presses or reads something in the real window of each profile, the others without one.

journey("ten working days from a Monday are two weeks", async (app) => {
  equal(await app.call("ready", { from: "2026-03-02", days: 10 }), { ready: "2026-03-16", total: 14, weekend: 4 });
});

journey("what cannot be counted is named", async (app) => {
  const error = await rejects(app.call("ready", { from: "2026-03-02", days: 0 }));
  equal(error.message, "problem.days");
});

journey("a citizen counts, and reads how it is counted", async (app) => {
  await app.open();
  await app.type("要几个工作日", "10");
  await app.tap("算一算");
  await app.see("可以来取的日子");
  await app.picture("home");
  await app.tap("是怎么算的");
  await app.see("从下一个工作日数起");
});
