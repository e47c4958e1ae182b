// The words of the page. What the host shows of the app (name, permissions) is in public/i18n.
const texts = {
  "zh-Hans": {
    title: "街面报修",
    street: "在哪条街，哪个位置",
    what: "看到了什么",
    send: "登记",
    draft: "草稿已保存在这台设备上",
    missing: "请写明位置和情况",
    mine: "我的报修",
    none: "还没有报修。",
  },
  en: {
    title: "Street repairs",
    street: "Which street, and where",
    what: "What have you seen",
    send: "Report it",
    draft: "Your draft is kept on this device",
    missing: "Please say where and what",
    mine: "My reports",
    none: "No reports yet.",
  },
};

export const language = (typeof guichet === "undefined" ? navigator.language : guichet.lang).startsWith("zh") ? "zh-Hans" : "en";
export const words = texts[language];
