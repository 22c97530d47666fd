// How the page looks: the host's colour and theme.

import type { Look } from "./model.ts";

/** Sets theme and colour for the whole page. An integration's own colour comes before the project's. */
export function apply(look: Look, own: string | undefined, language: string): void {
  const root = document.documentElement;
  root.lang = language;
  root.dataset.theme = look.theme;
  const color = own ?? look.accentColor;
  if (color && /^#[0-9a-f]{6}$/i.test(color)) {
    root.style.setProperty("--accent", color);
    root.style.setProperty("--on-accent", luminance(color) > LIGHT ? "#111318" : "#ffffff");
  } else {
    root.style.removeProperty("--accent");
    root.style.removeProperty("--on-accent");
  }
}

/** Above this, white text would not be legible enough: the contrast falls below 4.5. */
const LIGHT = 0.183;

/** The relative luminance by which contrast is reckoned. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
