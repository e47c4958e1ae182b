window.heard = [];
const hear = (what) => (event) => heard.push([what, event?.pagePath, event?.dir].filter(Boolean).join(" "));
for (const name of ["launched", "shown", "hidden", "unloaded"]) global.addEventListener(`global${name}`, hear(`global ${name}`));
Page(Object.fromEntries(["onLoad", "onShow", "onReady", "onHide", "onUnload"].map((name) => [name, (query) => heard.push([name, query].filter(Boolean).join(" "))])));
addEventListener("DOMContentLoaded", () => {
  document.querySelector("#ask").addEventListener("click", async () => {
    const shown = document.querySelector("#answer");
    shown.value = "";
    shown.value = await guichet.openApp.open("gov.example.benefits.form", "case 7").then((answer) => answer ?? "nothing", (error) => error.class);
  });
});
