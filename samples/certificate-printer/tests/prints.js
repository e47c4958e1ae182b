// What people do at the printer, and what they see when it cannot print.

const WORDS = { residence: "居住证明", household: "户籍证明", line: "兹证明 {name}。", made: "{time}", end: "" };
const ASKED = { kind: "residence", name: "王小明", words: WORDS };

const until = async (app, job, progress) => {
  for (let looks = 0; looks < 20; looks += 1) {
    const now = await app.call("follow", { job });
    if (now.progress === progress) return now;
  }
  throw new Error(`the job is not ${progress}`);
};

journey("a certificate is printed", async (app) => {
  await app.open();
  const { job } = await app.call("print", ASKED);
  await until(app, job, "done");
});

journey("without paper it waits, and can be taken back", { devices: { printer: "paper-out" } }, async (app) => {
  const { job } = await app.call("print", ASKED);
  equal(await until(app, job, "stopped"), { progress: "stopped", condition: "paper-out" });
  equal(await app.call("cancel", { job }), {});
  await until(app, job, "cancelled");
});

journey("a name is needed, and two copies are the most", async (app) => {
  equal(await app.call("print", { ...ASKED, name: " " }), { problems: ["name"] });
  equal(await app.call("print", { ...ASKED, copies: 3 }), { failure: "other" });
});

journey("without a printer it says so", { devices: { printer: "none" } }, async (app) => {
  equal(await app.call("print", ASKED), { failure: "print/unsupported" });
});

journey("the name is read from the card", async (app) => {
  equal(await app.call("readCard", {}), { name: "王小明" });
  equal(await app.call("readCard", {}), { name: "王小明" });
});

journey("a card that has expired is not taken", { devices: { card: "expired" } }, async (app) => {
  equal(await app.call("readCard", {}), { failure: "expired" });
});

journey("without a card, or a reader, it says so", { devices: { card: "empty" } }, async (app) => {
  equal(await app.call("readCard", { seconds: 1 }), { failure: "card/timeout" });
});

journey("a person sees that the printer is jammed", { devices: { printer: "jam" } }, async (app) => {
  await app.open();
  await app.tap("读我的卡");
  await app.see("办完后请带走您的卡");
  await app.tap("打印");
  await app.see("打印机卡纸");
  await app.picture("jammed");
  await app.tap("不打印了");
  await app.see("已取消");
});

journey("what is said can be heard, and copied", async (app) => {
  await app.open();
  await app.tap("读我的卡");
  await app.see("办完后请带走您的卡");
  await app.tap("朗读");
  await app.see("读完了");
  await app.tap("复制");
  await app.see("已复制");
});

journey("without a voice nothing offers to read aloud", { devices: { speech: "none", clipboard: "offline" } }, async (app) => {
  await app.open();
  await app.tap("读我的卡");
  await app.see("办完后请带走您的卡");
  await app.gone("朗读");
  await app.tap("复制");
  await app.see("没能复制");
});

journey("what is seen comes out on paper, too", async (app) => {
  await app.open();
  await app.tap("读我的卡");
  await app.see("办完后请带走您的卡");
  await app.tap("把这一页打出来");
  await app.see("这一页正送往打印机");
});
