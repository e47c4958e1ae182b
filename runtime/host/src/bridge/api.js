({
  appInfo: { get: { interface: "app-info", function: "get" } },
  log: { write: { interface: "log", function: "write", tell: true } },
  navigation: {
    navigate: { interface: "navigation", function: "navigate" },
    redirect: { interface: "navigation", function: "redirect" },
    back: { interface: "navigation", function: "back" },
  },
  storage: {
    get: { interface: "storage", function: "get" },
    set: { interface: "storage", function: "set" },
    remove: { interface: "storage", function: "remove" },
    keys: { interface: "storage", function: "keys" },
  },
})
