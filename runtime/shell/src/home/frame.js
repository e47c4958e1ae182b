// An open app: the bar at the top, what hangs from it, and the host's page when the app is not there to be seen.

import { arch, button, draw, h, icon } from "./dom.js";
import { drawNotices, technical } from "./hall.js";
import { moment, size, stopKind } from "./text.js";

const byId = (id) => document.getElementById(id);

/** The open app with what the library knows about it. */
export function openApp(state) {
  const listing = state.library?.find(({ app_id: id }) => id === state.app.app_id);
  return { permissions: [], department_name: "", name: state.app.app_id, ...listing, ...state.app };
}

/** Draws the bar, the notices, the open panel and, if the app's own view is hidden, the page below. */
export function drawFrame(state, panel, t) {
  const app = openApp(state);
  const wanted = app.bar ?? {};
  const caller = app.from && (state.library?.find(({ app_id: id }) => id === app.from)?.name ?? app.from);
  draw(byId("bar"), [state.lang, app, caller, panel !== null], () => bar(app, caller, panel, Boolean(state.kiosk), t));
  // High contrast is the person's choice and wins over the app's colours.
  paint(byId("bar"), state.contrast ? {} : wanted);
  drawTabs(byId("tabs"), app, state.lang, t);
  paint(byId("tabs"), state.contrast ? {} : wanted);
  let notices = byId("hang-notices");
  if (!notices) {
    notices = h("div", { id: "hang-notices", class: "band", role: "status" });
    byId("hang").append(notices, h("div", { id: "panel", class: "panel", role: "region" }));
  }
  drawNotices(notices, state, state.notices.filter((notice) => notice.app_id === app.app_id), t, { inApp: true });
  // Where the page fills the screen or draws a bar itself, the bar comes back with whatever hangs from it.
  // At a kiosk it is the way out, and stays.
  byId("bar").hidden = !state.kiosk && Boolean(wanted.hidden) && app.status === "running" && panel === null && notices.hidden;
  const hanging = byId("panel");
  draw(hanging, [state.lang, state.elder, state.contrast, app, panel], () => panelOf(panel, app, state, t));
  hanging.setAttribute("aria-label", { permissions: t.permissions, about: t.about }[panel] ?? t.menu);
  hanging.hidden = panel === null;
  draw(byId("below"), [state.lang, app.status, app.stopped, app.name], () => below(app, state, t));
}

/** The row of pages that lie beside each other: a press leads to one, and none is lost. */
function drawTabs(row, app, lang, t) {
  const { tabs = [] } = app;
  row.hidden = tabs.length === 0;
  row.setAttribute("aria-label", t.tabsOf(app.name));
  draw(row, [lang, tabs], () => tabs.map(({ page, name, seen }) => button("tab", { "data-page": page, ...(seen ? { "aria-current": "page" } : {}) }, name)));
}

function paint(element, { background = null, ink = null }) {
  for (const [name, value] of [["--app-bar", background], ["--app-ink", ink]]) {
    if (value) element.style.setProperty(name, value);
    else element.style.removeProperty(name);
  }
}

function bar(app, caller, panel, isKiosk, t) {
  const { title } = app.bar ?? {};
  const sub = {
    opening: () => [t.opening],
    stopped: () => [`${app.department_name} · ${t.stoppedShort}`],
    running: () => app.unsealed
      ? [icon("alert"), h("span", {}, t.unsealed(app.version_name))]
      : [icon("shield"), h("span", {}, `${app.department_name} · ${t.verified(app.version_name)}`)],
  }[app.status] ?? (() => []);
  // Who has come from another service sees from where, and that Back leads there.
  const from = caller ? h("span", { class: "from" }, " · ", t.from(caller)) : null;
  return [
    button("back", { class: "cbtn", "aria-label": caller && !app.can_go_back ? t.backTo(caller) : t.back }, icon("back")),
    h("div", { class: "who" }, arch(app, "s"), h("div", { class: "named" }, h("h1", {}, title ?? app.name), h("span", { class: "sub" }, sub(), title && title !== app.name ? h("span", {}, `· ${app.name}`) : null, from))),
    isKiosk ? button("end", { class: "btn push end" }, t.end) : h("div", { class: "capsule push" },
      button("menu", { "aria-label": t.menu, "aria-expanded": String(panel !== null), "aria-controls": "panel" }, icon("dots")),
      button("close-app", { "aria-label": t.close }, icon("close"))),
  ];
}

function panelOf(panel, app, state, t) {
  switch (panel) {
    case "menu": return menu(app, state, t);
    case "permissions": return panelBody(t.permissionsOf(app.name), permissionList(app, t), t);
    case "about": return panelBody(t.about, about(app, t), t);
    default: return null;
  }
}

function menu(app, state, t) {
  const held = app.permissions.filter((permission) => permission.granted).length;
  const item = (action, symbol, label, extra) => h("li", {}, button(action, { "data-app-id": app.app_id }, icon(symbol), h("span", {}, label), extra));
  return h("ul", { class: "in items" },
    item("permissions", "lock", t.permissions, h("span", { class: "tag push" }, t.allowedCount(held))),
    item("about", "info", t.about),
    item("reopen", "refresh", t.reopen),
    item("set-mode", "elder", state.elder ? t.elderOff : t.elderOn),
    item("set-contrast", "contrast", state.contrast ? t.contrastOff : t.contrastOn));
}

function panelBody(title, content, t) {
  return h("div", { class: "in sheeted" },
    h("div", { class: "row" }, h("h2", { class: "h3" }, title), button("menu", { class: "btn sm push" }, t.closePanel)),
    content);
}

/** The permissions of a service, each with the department's own reason and a way to change it. */
export function permissionList(app, t) {
  if (app.permissions.length === 0) return h("p", { class: "muted" }, t.permissionsNone);
  return h("ul", { class: "permissions" }, app.permissions.map((permission) => {
    const [what, limit] = t.permission[permission.name] ?? t.permissionOther(permission.name);
    const target = { "data-app-id": app.app_id, "data-permission": permission.name };
    return h("li", { "data-permission": permission.name },
      h("div", { class: "row wrap" }, h("b", {}, what),
        h("span", { class: `tag ${permission.granted ? "good" : ""}` }, icon(permission.granted ? "check" : "close"), permission.granted ? t.allowed : t.notAllowed)),
      h("p", { class: "small muted" }, permission.scope?.domains ? t.permissionHosts(permission.scope.domains) : limit),
      permission.reason ? h("div", { class: "why" }, h("p", { class: "small muted" }, t.reasonFrom(app.department_name)), h("p", {}, permission.reason)) : null,
      app.installed === null ? null : permission.granted
        ? button("withdraw", { class: "btn sm", "aria-label": t.withdrawOf(what), ...target }, t.withdraw)
        : button("allow", { class: "btn sm", "aria-label": t.allowOf(what), ...target }, t.allow));
  }));
}

/** What is known about a service, as a list of facts. */
export function facts(app, t) {
  const rows = [
    [t.department, app.department_name],
    [t.version, app.installed?.version_name ?? app.version_name ?? app.available?.version_name],
    app.installed ? [t.size, size(app.installed.size)] : [t.download, app.available && size(app.available.download_bytes)],
    app.installed && app.available && app.available.sequence > app.installed.sequence
      ? [t.newerVersion, app.staged ? t.newerReady(app.available.version_name) : t.newerThere(app.available.version_name)]
      : [null, null],
  ];
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value))));
}

/** The technical identity of a service, folded. */
export function identity(app, t) {
  const sequence = app.installed?.sequence ?? app.available?.sequence;
  return technical(t, [[null, app.app_id], [t.version, [app.installed?.version_name ?? app.available?.version_name, sequence && `#${sequence}`].filter(Boolean).join(" ")],
    [null, app.permissions.map(({ name }) => name).join(", ")]]);
}

function about(app, t) {
  return h("div", { class: "stack" }, app.description ? h("p", {}, app.description) : null, facts(app, t), identity(app, t));
}

function below(app, state, t) {
  if (app.status === "stopped") return stoppedPage(app, state, t);
  if (app.status !== "opening") return null;
  return h("div", { class: "in opening", role: "status", "aria-busy": "true", "aria-label": t.opening },
    ["a", "b", "b short", "box", "box short"].map((shape) => h("div", { class: `skel ${shape}` })));
}

function stoppedPage(app, state, t) {
  const stopped = app.stopped ?? {};
  const [what, why] = t.stoppedWhy[stopKind(stopped.class)];
  const time = moment(stopped.at_ms ?? Date.now(), state.lang);
  const target = { "data-app-id": app.app_id };
  return h("div", { id: "stopped", class: "mid", role: "alert" },
    h("span", { class: "arch ghost shut", "aria-hidden": "true" }, icon("pause")),
    h("h2", {}, t.stopped(app.name, what)),
    h("p", { class: "muted" }, `${why}${state.lang === "en" ? " " : ""}${t.stoppedSafe(time)}`),
    h("div", { class: "row wrap" }, button("reopen", { class: "btn main", ...target }, t.reopen), button("close-app", { class: "btn" }, t.home)),
    technical(t, [[t.code, stopped.class], [null, stopped.what], [t.version, app.version_name], [null, t.at(time)]]));
}
