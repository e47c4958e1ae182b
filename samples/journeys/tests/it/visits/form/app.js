let opened;
global.ongloballaunched = ({ pagePath, referrerInfo, lang, dir }) => { opened = { pagePath, referrerInfo, lang, dir, state: global.globalState }; };
export const launch = () => opened;
export default {};
