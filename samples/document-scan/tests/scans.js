// What people do at the scanner, and what they see when it cannot scan.

journey("pages are scanned, looked at and put away", async (app) => {
  await app.open();
  await app.tap("扫描");
  await app.see("请看看是否清楚、完整");
  await app.see("第 1 页");
  await app.tap("再扫一页");
  await app.see("第 2 页");
  await app.picture("scanned");
  await app.tap("不要第 2 页");
  await app.gone("第 2 页");
});

journey("what cannot be handed over is kept", async (app) => {
  await app.open();
  await app.tap("扫描");
  await app.see("第 1 页");
  await app.tap("交给窗口");
  await app.see("现在连不上窗口");
  await app.see("第 1 页");
});

journey("without paper it says what to do", { devices: { scan: "empty" } }, async (app) => {
  await app.open();
  await app.tap("扫描");
  await app.see("扫描仪里没有纸");
});

journey("a scanner that is stuck loses nothing, in English too", { devices: { scan: "jam" }, lang: "en" }, async (app) => {
  await app.open();
  await app.tap("Scan");
  await app.see("Paper is stuck in the scanner");
});
