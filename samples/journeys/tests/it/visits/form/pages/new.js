page.onpageready = async ({ pageInputQuery }) => {
  const { pagePath, referrerInfo, lang, dir } = global.inputObject;
  const view = { pagePath, referrerInfo, lang, dir, query: pageInputQuery, hash: location.hash, state: page.pageState };
  window.told = { view, logic: await guichet.logic.call("launch") };
  document.querySelector("#seen").textContent = `From ${referrerInfo || "a person"}, for case ${pageInputQuery}.`;
};
addEventListener("DOMContentLoaded", () => {
  document.querySelector("#give").addEventListener("click", async () => {
    const { app, data } = await guichet.openApp.given();
    await guichet.openApp.answer(`number 12 for ${data} of ${app}`);
  });
});
