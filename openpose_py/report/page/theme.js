// Dark and light, and the colours that canvases need as numbers.
const PERSON_COLOURS = [
  "#4c8dff",
  "#ff8a3d",
  "#35b58a",
  "#d95fb0",
  "#c9a227",
  "#8f7bf2",
  "#e8605c",
  "#2fb3c6",
  "#8a9f3b",
  "#b97a63",
];
const personColour = (person) =>
  PERSON_COLOURS[(person < 0 ? -1 - person : person) % PERSON_COLOURS.length];

const probe = document.body.appendChild(element("span", { hidden: true }));

function themeColour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

function startTheme(view) {
  const root = document.documentElement,
    system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => {
    try {
      return localStorage.getItem("openpose-py theme");
    } catch {
      return null;
    }
  };
  const now = () => root.dataset.theme ?? (system.matches ? "dark" : "light");
  if (["dark", "light"].includes(remembered())) root.dataset.theme = remembered();
  view.theme = now();
  system.addEventListener("change", () => view.set({ theme: now() }));
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = now() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("openpose-py theme", root.dataset.theme);
    } catch {
      /* not kept */
    }
    view.set({ theme: now() });
  });
}
