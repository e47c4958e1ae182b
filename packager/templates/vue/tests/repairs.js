// What people do with this app, and what they see of it: `npm run journeys` runs it in the real window of each profile.

journey("a report has a number", async (app) => {
  equal(typeof (await app.call("number", { street: "听雨路 18 号" })), "string");
});

journey("a citizen reports something and finds it again", async (app) => {
  await app.open();
  await app.see("还没有报修");
  await app.tap("登记");
  await app.see("请写明位置和情况");
  await app.type("在哪条街，哪个位置", "听雨路 18 号");
  await app.type("看到了什么", "路灯不亮");
  await app.tap("登记");
  await app.gone("还没有报修");
  await app.picture("home");
});
