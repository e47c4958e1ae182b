page.onpageready = async ({ pageInputQuery }) => {
  const { pagePath, referrerInfo, lang, dir } = global.inputObject;
  const view = { pagePath, referrerInfo, lang, dir, query: pageInputQuery, hash: location.hash, state: page.pageState };
  window.told = { view, logic: await guichet.logic.call("launch") };
  document.querySelector("#seen").textContent = `From ${referrerInfo || "a person"}, for case ${pageInputQuery}.`;
};
