// What people at the hall see, whoever tells them.

const board = (...windows) => ({ board: { windows: windows.map(([window, number]) => ({ window, number })) } });

journey("the widget shows which numbers are called", async (app) => {
  await app.open("widgets/board");
  await app.see("还不知道叫到几号");
  await app.call("arrived", board([3, "A012"], [5, "B007"], ["x", "A013"], [6, "bad"]));
  await app.see("3 号窗口");
  await app.see("A012");
  await app.see("B007");
  await app.gone("A013");
  await app.picture("board");
});

journey("one is told when one's number is near, and when it is called", async (app) => {
  await app.open();
  await app.type("您的号码", "a015");
  await app.tap("到了叫我");
  await app.see("快到的时候告诉您");
  equal(await app.call("arrived", board([3, "A011"])), { before: 4 });
  equal(await app.call("arrived", board([3, "A012"])), { before: 3 });
  await app.see("前面还有 3 位");
  equal(await app.call("arrived", board([3, "A012"], [4, "A015"])), { window: 4 });
  await app.see("请 A015 到 4 号窗口");
  await app.gone("请留意这一页");
});

journey("where nobody shows or says it, the page does", { devices: { notify: "none", speech: "none" } }, async (app) => {
  await app.open();
  await app.type("您的号码", "A015");
  await app.tap("到了叫我");
  await app.see("快到的时候告诉您");
  await app.call("arrived", board([4, "A015"]));
  await app.see("请留意这一页");
});

journey("what is no number is not watched", { lang: "en" }, async (app) => {
  await app.open();
  await app.type("Your number", "12");
  await app.tap("Tell me when");
  await app.see("a letter and three digits");
});
