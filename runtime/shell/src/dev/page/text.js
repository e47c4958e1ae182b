// Every sentence of the panel, in both languages.

const TEXT = {
  en: {
    profile: "Terminal and person", theme: "Theme", lang: "Language", network: "Network", printer: "Printer",
    "printer.ready": "Ready", "printer.busy": "Busy", "printer.paper-out": "Out of paper", "printer.jam": "Jammed", "printer.offline": "Not connected", "printer.none": "No printer",
    card: "Card", "card.present": "In the reader", "card.empty": "Not in the reader", "card.expired": "Expired", "card.mute": "Does not answer", "card.offline": "Reader not connected", "card.none": "No reader",
    speech: "Voice", "speech.ready": "Speaks", "speech.slow": "Comes to no end", "speech.mute": "Does not answer", "speech.none": "No voice",
    clipboard: "Clipboard", "clipboard.ready": "Ready", "clipboard.offline": "Does not answer", "clipboard.none": "No clipboard",
    scan: "Scanner", "scan.ready": "Ready", "scan.slow": "Comes to no end", "scan.busy": "Busy", "scan.empty": "No paper in it", "scan.jam": "Jammed", "scan.open": "Cover open", "scan.offline": "Not connected", "scan.none": "No scanner",
    notify: "Notices", "notify.ready": "Shown", "notify.offline": "Not answered", "notify.none": "Shown by nobody",
    files: "Files", "files.ready": "Chosen at once", "files.nothing": "Nothing chosen", "files.offline": "No dialog opens", "files.none": "Cannot be chosen",
    telemetry: "Counting", "telemetry.ready": "Counted", "telemetry.none": "Nothing is counted",
    "open-app": "Other apps", "open-app.answers": "Answer at once", "open-app.closes": "Closed at once", "open-app.waits": "Never answer", "open-app.absent": "Not here", "open-app.none": "Cannot be opened",
    "profile.phone": "Phone", "profile.tablet": "Tablet", "profile.desktop": "Desktop", "profile.kiosk": "Kiosk, upright", "profile.elder": "Elder: large type", "profile.reader": "Screen reader",
    "theme.system": "As the system", "theme.light": "Light", "theme.dark": "Dark",
    "network.online": "As this machine", "network.slow": "Slow: 400 ms, 50 kB/s", "network.offline": "Offline",
    "lang.zh-Hans": "中文", "lang.en": "English",
    lists: "What happens", "tab.problems": "Problems", "tab.console": "Console", "tab.calls": "Host calls", "tab.storage": "Storage", "tab.lifecycle": "Lifecycle", "tab.network": "Network", "tab.timing": "Timing", "tab.reader": "Reader",
    "none.problems": "The folder can be packed, and a store would take it.", "none.console": "Neither logic nor pages have said anything.", "none.calls": "No host API has been called.", "none.storage": "The app keeps nothing. In this window what it keeps is in memory, and gone when the window closes.", "none.lifecycle": "Nothing has happened yet.", "none.network": "No request has been made through the host.", "none.timing": "Nothing has been measured yet.", "none.reader": "Choose the terminal “Screen reader”: the page is covered, and here is what a reader would say of it.",
    reload: "Reload page", anew: "Begin anew", erase: "Erase storage", clear: "Clear list", record: "Record a journey", stop: "Stop and write it", step: "recording a journey: {0} steps", written: "written: {0}", "written.nothing": "nothing was done, so nothing was written",
    logic: "logic", page: "page {0}",
    "decision.free": "needs no permission", "decision.granted": "granted", "decision.denied": "denied", "decision.invalid": "wrong call", "decision.waits": "waits",
    "why.granted": "The manifest asks for {0}, and in this window all that is asked for is approved. Its reason: {1}", "why.noreason": "(none)", "why.free": "Calls about the session itself need no permission.", "why.denied": "{0} is not held. {1}", "why.invalid": "Nothing was decided: {1}", "why.waits": "It waits for others; the grants are asked when its turn comes.",
    "level.debug": "debug", "level.info": "info", "level.warn": "warning", "level.error": "error", remark: "remark", error: "error",
    "logic.same": "same logic", "logic.replayed": "new logic, given all {0} events; it goes on where the old one was", "logic.refused": "the new logic does not load; the old one goes on", "logic.anew": "begun anew",
    "why.manifest": "the manifest is another", "why.too-long": "the session was too long to be given to new logic", "why.differs": "at event {0} new logic asks the host something else", "why.ended": "at event {0} new logic ends",
    expected: "before: {0}", got: "now: {0}", nothing: "nothing",
    "painted.begin": "first paint", "painted.reload": "page loaded again and painted", "painted.styles": "styles taken", "painted.swap": "new logic in place", "painted.anew": "begun anew and painted", "painted.nothing": "nothing that is shown has changed",
    loaded: "page {0} loaded", ready: "page {0} drawn", handled: "logic: {0}", stopped: "stopped", bytes: "{0} bytes", nameless: "has no name: a reader cannot say what it is", focus: "focus", of: "{0} × {1}", ms: "{0} ms",
  },
  zh: {
    profile: "终端和使用者", theme: "深浅", lang: "语言", network: "网络", printer: "打印机",
    "printer.ready": "正常", "printer.busy": "正忙", "printer.paper-out": "缺纸", "printer.jam": "卡纸", "printer.offline": "未连接", "printer.none": "没有打印机",
    card: "卡", "card.present": "在读卡器里", "card.empty": "没有放卡", "card.expired": "已过期", "card.mute": "没有反应", "card.offline": "读卡器未连接", "card.none": "没有读卡器",
    speech: "声音", "speech.ready": "能读出来", "speech.slow": "一直读不完", "speech.mute": "没有反应", "speech.none": "没有声音",
    clipboard: "剪贴板", "clipboard.ready": "正常", "clipboard.offline": "没有反应", "clipboard.none": "没有剪贴板",
    scan: "扫描仪", "scan.ready": "正常", "scan.slow": "一直扫不完", "scan.busy": "正忙", "scan.empty": "没有放纸", "scan.jam": "卡纸", "scan.open": "盖子没合上", "scan.offline": "未连接", "scan.none": "没有扫描仪",
    notify: "通知", "notify.ready": "会显示", "notify.offline": "没有反应", "notify.none": "没有人显示",
    files: "文件", "files.ready": "马上选好", "files.nothing": "什么也没选", "files.offline": "对话框打不开", "files.none": "不能选文件",
    telemetry: "计数", "telemetry.ready": "计数", "telemetry.none": "不计数",
    "open-app": "其他应用", "open-app.answers": "马上答复", "open-app.closes": "马上关闭", "open-app.waits": "一直不答复", "open-app.absent": "不在这里", "open-app.none": "不能打开",
    "profile.phone": "手机", "profile.tablet": "平板", "profile.desktop": "电脑", "profile.kiosk": "自助机（竖屏）", "profile.elder": "长辈：大字", "profile.reader": "读屏",
    "theme.system": "跟随系统", "theme.light": "浅色", "theme.dark": "深色",
    "network.online": "本机网络", "network.slow": "慢：400 毫秒，50 kB/秒", "network.offline": "断网",
    "lang.zh-Hans": "中文", "lang.en": "English",
    lists: "发生了什么", "tab.problems": "问题", "tab.console": "控制台", "tab.calls": "主机调用", "tab.storage": "存储", "tab.lifecycle": "生命周期", "tab.network": "网络", "tab.timing": "耗时", "tab.reader": "读屏",
    "none.problems": "文件夹可以打包，商店也会收。", "none.console": "逻辑和页面都还没有说什么。", "none.calls": "还没有调用主机接口。", "none.storage": "应用没有保存什么。在这个窗口里，保存的内容只在内存里，窗口关了就没有了。", "none.lifecycle": "还没有发生什么。", "none.network": "还没有经主机发出请求。", "none.timing": "还没有测到什么。", "none.reader": "选“读屏”这一项：页面会被遮住，这里写出读屏软件会念的内容。",
    reload: "重新载入页面", anew: "从头开始", erase: "清除存储", clear: "清空列表", record: "录制旅程", stop: "停止并写成脚本", step: "正在录制旅程：{0} 步", written: "已写入 {0}", "written.nothing": "什么都没有做，所以没有写",
    logic: "逻辑", page: "第 {0} 页",
    "decision.free": "不需要权限", "decision.granted": "允许", "decision.denied": "拒绝", "decision.invalid": "调用有误", "decision.waits": "等待中",
    "why.granted": "应用清单申请了 {0}；在这个窗口里，申请的都算已批准。理由：{1}", "why.noreason": "（没有写）", "why.free": "只关系会话本身的调用不需要权限。", "why.denied": "没有 {0} 权限。{1}", "why.invalid": "还没有判断：{1}", "why.waits": "要等别处回答；轮到它时再看权限。",
    "level.debug": "调试", "level.info": "信息", "level.warn": "警告", "level.error": "错误", remark: "留意", error: "错误",
    "logic.same": "逻辑没有变", "logic.replayed": "新逻辑收到了全部 {0} 个事件，从原来的地方继续", "logic.refused": "新逻辑装不进去，旧的继续运行", "logic.anew": "从头开始",
    "why.manifest": "应用清单变了", "why.too-long": "会话太长，没法交给新逻辑", "why.differs": "在第 {0} 个事件，新逻辑向主机要的不一样了", "why.ended": "在第 {0} 个事件，新逻辑中断了",
    expected: "原来：{0}", got: "现在：{0}", nothing: "没有",
    "painted.begin": "首次显示", "painted.reload": "页面重新载入并显示", "painted.styles": "样式已换上", "painted.swap": "新逻辑已接替", "painted.anew": "从头开始并显示", "painted.nothing": "正在显示的内容没有变",
    loaded: "第 {0} 页已载入", ready: "第 {0} 页已画出", handled: "逻辑：{0}", stopped: "停下了", bytes: "{0} 字节", nameless: "没有名字：读屏软件说不出它是什么", focus: "焦点", of: "{0} × {1}", ms: "{0} 毫秒",
  },
};

let language = "en";

/** From now on the panel speaks this language. */
export function speak(tag) {
  language = tag.startsWith("zh") ? "zh" : "en";
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
}

/** A sentence, with what belongs into its places. */
export function say(key, ...values) {
  const text = TEXT[language][key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, at) => String(values[Number(at)] ?? ""));
}
