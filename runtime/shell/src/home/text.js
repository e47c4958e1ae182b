// Every sentence of the host's own page, written twice by a person.

const zh = {
  title: "Guichet · 市民服务",
  tagline: "市民服务",
  displayLabel: "显示与语言",
  elderOn: "长辈版",
  elderOff: "标准版",
  contrastOn: "高对比",
  contrastOff: "标准对比",
  otherLanguage: "English",
  question: "今天要办什么事？",
  searchLabel: "搜索服务",
  searchExample: "说出事情就行，例如“居住证”",
  search: "搜索",
  found: (count) => (count === 0 ? "没有找到" : `找到 ${count} 项`),
  foundNothing: "换个说法试试，例如部门的名字，或事情里的一个词。",
  showAll: "看全部服务",
  mine: "我的服务",
  mineNote: "离线也能打开",
  emptyTitle: "这里还没有服务",
  emptyText: "从下面添加一项。加好以后，没有网络也能打开。",
  emptyNothing: "现在还没有可以添加的服务。新的服务上架后会出现在这里。",
  check: "检查新服务",
  offers: "可以添加",
  offersDone: "都加好了。有新的服务时会出现在这里。",
  newVersion: "有新版本，",
  details: "详情",
  detailsOf: (name) => `“${name}”的详情`,
  add: "添加",
  addOf: (name) => `添加 ${name}`,
  adding: (percent) => `正在添加 ${percent}%`,
  fetching: (percent) => `正在下载新版本 ${percent}%`,
  open: "打开",
  openOf: (name) => `打开 ${name}`,
  addService: "添加服务",
  more: (count) => `还有 ${count} 项`,
  trust: "放心使用",
  trustVerified: "每次打开前都核验",
  trustVerifiedText: "只运行部门签发、经过审核的内容。",
  trustApart: "服务之间互相看不到",
  trustApartText: "每项服务只能看到您在它里面填的内容。",
  trustOffline: "没有网络也能打开",
  trustOfflineText: "添加过的服务都存在这台电脑上。",
  checkUpdates: "检查新版本",
  events: "按人生大事找",
  event: { celadon: "居住落户", indigo: "上学证件", ochre: "工作补贴", persimmon: "看病预约", rose: "结婚生育", plum: "缴费经营", moss: "养老", slate: "出行与工具" },
  count: (count) => `${count} 项`,
  lastLabel: "继续上次的事",
  last: "上次办到这里",
  goOn: "继续",
  update: (name, version) => `“${name}”有新版本 ${version}，已下载好。`,
  updateText: "您填好的内容会保留。",
  updateLater: "下次打开时",
  updateNow: "现在换上",
  updated: (name, version) => `“${name}”已换成新版本 ${version}。`,
  updatedText: "您填好的内容都还在。",
  wentBack: (name, version) => `“${name}”的新版本没能正常打开，已换回 ${version}。`,
  wentBackText: "您的内容和换新之前一样。",
  choiceFailed: (name, version) => `“${name}”的新版本 ${version} 没能正常打开。`,
  choiceOffered: (name, version) => `“${name}”的部门要换回旧版本 ${version}。`,
  choiceText: (kept, back) => `${back} 读不了 ${kept} 保存的内容。换回去，之后填写的内容就没有了。`,
  goBackTo: (version) => `换回 ${version}，放弃之后填的`,
  keepVersion: (version) => `继续用 ${version}`,
  stale: (since) => `${since}起没有拿到新的服务信息。`,
  staleText: "已添加的服务照常能用，联网后自动检查。",
  added: (name) => `“${name}”加好了。`,
  addedText: "没有网络也能打开。",
  removed: (name) => `“${name}”和它的内容已经移除。`,
  offline: (since) => `${since} 起没有网络。`,
  offlineText: "已添加的服务照常能用，联网后自动检查新版本。",
  offlineAppText: "这项服务照常能填，内容存在这台电脑上。",
  tryAgain: "再试一次",
  dismiss: "知道了",
  loading: "正在准备",
  back: "返回",
  menu: "服务菜单",
  close: "关闭服务",
  closePanel: "收起",
  verified: (version) => `已核验 ${version}`,
  unsealed: (version) => `没有人为它担保 ${version}`,
  opening: "正在打开…",
  stoppedShort: "已停下",
  permissions: "权限",
  allowedCount: (count) => (count === 0 ? "都不允许" : `${count} 项允许`),
  about: "关于此服务",
  reopen: "重新打开",
  home: "回到首页",
  permissionsOf: (name) => `“${name}”可以做什么`,
  permissionsNone: "这项服务没有要求任何权限。",
  permission: {
    "host:storage": ["把您填的内容存在这台电脑上", "只有这项服务自己能读到"],
  },
  permissionOther: (name) => [`使用“${name}”`, "由部门申请，经过审核"],
  reasonFrom: (department) => `${department}部门的说明`,
  allowed: "允许",
  notAllowed: "不允许",
  withdraw: "不再允许",
  withdrawOf: (what) => `不再允许：${what}`,
  allow: "允许",
  allowOf: (what) => `允许：${what}`,
  version: "版本",
  size: "占用空间",
  download: "要下载",
  department: "发布部门",
  newerVersion: "新版本",
  newerReady: (version) => `${version}，已下载好`,
  newerThere: (version) => `${version}，会自动下载`,
  technical: "给技术人员看的信息",
  remove: "移除服务",
  removeQuestion: (name) => `移除“${name}”？`,
  removeText: "它在这台电脑上的内容会一起清除，找不回来。已经提交的申请不受影响。",
  removeConfirm: "移除服务和内容",
  keep: "保留",
  sheetClose: "关闭",
  stopped: (name, what) => `“${name}”${what}`,
  stoppedWhy: {
    deadline: ["没有反应，已经停下", "它一直没有回应。"],
    memory: ["用的内存太多，已经停下", "它用的内存超过了允许的数量。"],
    boot: ["打不开", "它一启动就出了错。"],
    other: ["出了错，已经停下", "它自己的程序出了错。"],
  },
  stoppedSafe: (time) => `您在 ${time} 之前保存的内容都还在这台电脑上，其他服务不受影响。`,
  failed: {
    install: (name) => `“${name}”没有添加成功。`,
    update: (name) => `“${name}”的新版本没有换上。`,
    open: (name) => `“${name}”没有打开。`,
    remove: (name) => `“${name}”没有移除。`,
    refresh: () => "没有拿到新的服务信息。",
    other: () => "刚才的操作没有完成。",
  },
  failedWhy: {
    network: "现在连不上服务器。您的内容没有变，联网后再试。",
    disk: "这台电脑的空间不够。您的内容没有变，腾出空间后再试。",
    trust: "它的签名对不上，所以没有用它。您的内容没有变，已有的服务照常使用。",
    other: "您的内容没有变。可以再试一次，还不行就告诉工作人员。",
  },
  code: "代码",
  at: (time) => `发生在 ${time}`,
};

const en = {
  title: "Guichet · Public services",
  tagline: "Public services",
  displayLabel: "Display and language",
  elderOn: "Large and simple",
  elderOff: "Standard view",
  contrastOn: "High contrast",
  contrastOff: "Standard contrast",
  otherLanguage: "中文",
  question: "What would you like to do?",
  searchLabel: "Search services",
  searchExample: "Say it in your own words, such as “permit”",
  search: "Search",
  found: (count) => (count === 0 ? "Nothing found" : count === 1 ? "1 service found" : `${count} services found`),
  foundNothing: "Try other words: the name of a department, or one word of your errand.",
  showAll: "Show all services",
  mine: "My services",
  mineNote: "They open without a connection",
  emptyTitle: "No services here yet",
  emptyText: "Add one from the list below. Once added, it opens without a connection.",
  emptyNothing: "There's nothing to add yet. New services will appear here.",
  check: "Look for services",
  offers: "You can add",
  offersDone: "You have them all. New services will appear here.",
  newVersion: "New version: ",
  details: "Details",
  detailsOf: (name) => `Details of ${name}`,
  add: "Add",
  addOf: (name) => `Add ${name}`,
  adding: (percent) => `Adding ${percent}%`,
  fetching: (percent) => `Downloading the new version, ${percent}%`,
  open: "Open",
  openOf: (name) => `Open ${name}`,
  addService: "Add a service",
  more: (count) => `${count} more`,
  trust: "Use with confidence",
  trustVerified: "Checked every time it opens",
  trustVerifiedText: "Only what a department signed and reviewers approved runs here.",
  trustApart: "Services can't see each other",
  trustApartText: "Each sees only what you enter in it.",
  trustOffline: "Open without a connection",
  trustOfflineText: "The services you added are kept on this computer.",
  checkUpdates: "Check for new versions",
  events: "Find by life event",
  event: { celadon: "Home and residence", indigo: "School and papers", ochre: "Work and benefits", persimmon: "Health and visits", rose: "Family", plum: "Money and business", moss: "Later life", slate: "Travel and tools" },
  count: (count) => String(count),
  lastLabel: "Go on where you left off",
  last: "You were last here",
  goOn: "Go on",
  update: (name, version) => `${name} ${version} is downloaded and ready.`,
  updateText: "What you entered is kept.",
  updateLater: "Next time it opens",
  updateNow: "Switch now",
  updated: (name, version) => `${name} is now version ${version}.`,
  updatedText: "Everything you entered is still there.",
  wentBack: (name, version) => `The new version of ${name} didn't open properly, so we went back to ${version}.`,
  wentBackText: "What you entered is as it was before the new version.",
  choiceFailed: (name, version) => `The new version ${version} of ${name} didn't open properly.`,
  choiceOffered: (name, version) => `The department of ${name} wants to go back to version ${version}.`,
  choiceText: (kept, back) => `Version ${back} can't read what ${kept} has saved. If you go back, what you entered since is lost.`,
  goBackTo: (version) => `Go back to ${version} and lose it`,
  keepVersion: (version) => `Keep ${version}`,
  stale: (since) => `No news about services since ${since}.`,
  staleText: "The services you added still work. We'll check when there's a connection.",
  added: (name) => `${name} is added.`,
  addedText: "It opens without a connection too.",
  removed: (name) => `${name} and its data are removed.`,
  offline: (since) => `No connection since ${since}.`,
  offlineText: "The services you added still work. We'll look for new versions when the connection is back.",
  offlineAppText: "You can go on here. What you enter is kept on this computer.",
  tryAgain: "Try again",
  dismiss: "OK",
  loading: "Getting ready",
  back: "Back",
  menu: "Service menu",
  close: "Close service",
  closePanel: "Close",
  verified: (version) => `verified ${version}`,
  unsealed: (version) => `nobody vouches for it ${version}`,
  opening: "Opening…",
  stoppedShort: "stopped",
  permissions: "Permissions",
  allowedCount: (count) => (count === 0 ? "none allowed" : `${count} allowed`),
  about: "About this service",
  reopen: "Open again",
  home: "Back to all services",
  permissionsOf: (name) => `What ${name} may do`,
  permissionsNone: "This service doesn't ask for any permission.",
  permission: {
    "host:storage": ["Keep what you enter on this computer", "Only this service can read it"],
  },
  permissionOther: (name) => [`Use “${name}”`, "Asked for by the department and reviewed"],
  reasonFrom: (department) => `Reason given by ${department}`,
  allowed: "Allowed",
  notAllowed: "Not allowed",
  withdraw: "Stop allowing",
  withdrawOf: (what) => `Stop allowing: ${what}`,
  allow: "Allow",
  allowOf: (what) => `Allow: ${what}`,
  version: "Version",
  size: "Space used",
  download: "To download",
  department: "Published by",
  newerVersion: "New version",
  newerReady: (version) => `${version}, downloaded`,
  newerThere: (version) => `${version}, downloads by itself`,
  technical: "Information for technical staff",
  remove: "Remove service",
  removeQuestion: (name) => `Remove ${name}?`,
  removeText: "What it keeps on this computer is deleted with it and can't be brought back. Applications you've sent aren't affected.",
  removeConfirm: "Remove with its data",
  keep: "Keep it",
  sheetClose: "Close",
  stopped: (name, what) => `${name} ${what}`,
  stoppedWhy: {
    deadline: ["stopped responding, so we closed it", "It gave no answer for too long."],
    memory: ["used too much memory, so we closed it", "It asked for more memory than it may have."],
    boot: ["didn't open", "It failed as soon as it started."],
    other: ["ran into a fault, so we closed it", "There's a fault in its own program."],
  },
  stoppedSafe: (time) => `What you saved before ${time} is still on this computer. Other services aren't affected.`,
  failed: {
    install: (name) => `${name} wasn't added.`,
    update: (name) => `${name} wasn't switched to its new version.`,
    open: (name) => `${name} didn't open.`,
    remove: (name) => `${name} wasn't removed.`,
    refresh: () => "There's no news about services.",
    other: () => "That didn't work.",
  },
  failedWhy: {
    network: "The server can't be reached. Nothing of yours changed. Try again when there's a connection.",
    disk: "There isn't enough space on this computer. Nothing of yours changed. Free some space and try again.",
    trust: "Its signature doesn't match, so we didn't use it. Nothing of yours changed and the services you have keep working.",
    other: "Nothing of yours changed. Try again, or tell a member of staff.",
  },
  code: "Code",
  at: (time) => `at ${time}`,
};

/** The words of a language; anything but English is Chinese. */
export function words(lang) {
  return isEnglish(lang) ? en : zh;
}

/** Whether a language tag means English. */
export function isEnglish(lang) {
  return /^en\b/i.test(lang ?? "");
}

/** A moment as people say it: the time today, “yesterday”, or the day. */
export function moment(ms, lang, now = Date.now()) {
  const date = new Date(ms);
  const time = `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (ms >= midnight) return time;
  const english = isEnglish(lang);
  const yesterday = new Date(midnight).setDate(new Date(midnight).getDate() - 1);
  if (ms >= yesterday) return english ? `${time} yesterday` : `昨天 ${time}`;
  if (!english) return `${date.getMonth() + 1}月${date.getDate()}日 ${time}`;
  return `${time} on ${date.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}`;
}

/** A size in the unit people know. */
export function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** What is right with a release, but not for this terminal or not now. */
const NOT_HERE = ["release/not-yet", "release/halted", "release/platform", "release/did-not-open", "release/would-lose-data", "release/below-floor", "release/revoked"];

/** Which sentence explains a refusal's class. */
export function failureKind(cls) {
  if (NOT_HERE.includes(cls)) return "other";
  const room = String(cls ?? "").split("/")[0];
  if (["network", "store"].includes(room)) return "network";
  if (["disk", "storage"].includes(room)) return "disk";
  if (["seal", "metadata", "container", "manifest", "statement", "release", "blob", "cache", "trust", "signature", "keys"].includes(room)) return "trust";
  return "other";
}

/** Which sentence explains why an app was stopped. */
export function stopKind(cls) {
  const word = String(cls ?? "").split("/").pop();
  if (word.endsWith("deadline")) return "deadline";
  if (word === "memory" || word === "stack") return "memory";
  if (word === "boot-failed" || word === "not-loadable") return "boot";
  return "other";
}
