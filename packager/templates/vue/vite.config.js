import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// Templates are compiled here, so the page needs no compiler; its policy would refuse one.
export default defineConfig({
  base: "./",
  plugins: [vue()],
  build: { target: "es2022", modulePreload: { polyfill: false } },
});
