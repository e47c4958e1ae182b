const heard = [];
const note = (what) => { heard.push(what); guichet.page.update({ logic: [...heard] }); };
App({
  onLaunch: ({ path, query }) => note(`onLaunch ${path} ${query}`),
  onShow: ({ pagePath }) => note(`onShow ${pagePath}`),
  onHide: () => note("onHide"),
});
export default { pageLoaded: ({ route }) => note(`loaded ${route}`), pageShown: ({ route }) => note(`shown ${route}`), pageReady: ({ route }) => note(`ready ${route}`) };
