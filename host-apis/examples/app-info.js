//# get
const info = await guichet.appInfo.get();
[info.appId, info.versionName]; // → ["gov.example.residence.permit","1.0.0"]
info.terminal === "kiosk"; // → false
