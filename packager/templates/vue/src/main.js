import { createApp } from "vue";
import App from "./App.vue";
import "./style.css";
import { language } from "./words.js";

document.documentElement.lang = language;
createApp(App).mount("#app");
