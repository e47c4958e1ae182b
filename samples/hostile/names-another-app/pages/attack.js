globalThis.attack = async () => {
  const raw = (members) => dispatchEvent(new CustomEvent("guichet-message", { detail: JSON.stringify(members) }));
  const other = "gov.example.hostile.bystander";
  raw({ id: 1, app: other, app_id: other, run: 1, page: 1, view: "run-1", interface: "storage", function: "set", arguments: ["secret", "stolen"] });
  const kept = await guichet.storage.get("drafts");
  const { appId } = await guichet.appInfo.get();
  return `${kept ?? "nothing"}, ${appId}`;
};
