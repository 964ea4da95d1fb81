// Where the page begins.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { begin } from "./api/session";
import { App } from "./app";
import { store } from "./live/store";
import { applyTheme } from "./parts/theme";
import "./style/index.css";

applyTheme();
store.start();
void begin();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
