// Sets the theme before the first paint, so that the page does not flash in another one. It is a classic
// script, since modules run later.
{
  try {
    const { theme, density } = JSON.parse(localStorage.getItem("partyline.settings") ?? "{}");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    if (density === "compact") document.documentElement.dataset.density = density;
    // Without a name the page asks for one before it shows the message field.
    if (!localStorage.getItem("partyline.name")) document.documentElement.dataset.nameless = "";
  } catch {
    // best effort: without storage the defaults apply
  }
}
