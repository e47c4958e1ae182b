window.heard = [];
const hear = (what) => (event) => heard.push([what, event?.pagePath, event?.dir].filter(Boolean).join(" "));
for (const name of ["launched", "shown", "hidden", "unloaded"]) global.addEventListener(`global${name}`, hear(`global ${name}`));
Page(Object.fromEntries(["onLoad", "onShow", "onReady", "onHide", "onUnload"].map((name) => [name, (query) => heard.push([name, query].filter(Boolean).join(" "))])));
