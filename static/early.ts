// Runs before the first paint, so that a chosen theme does not flash in: it is no module, and alone.
{
  try {
    const { theme, density } = JSON.parse(localStorage.getItem("partyline.settings") ?? "{}");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    if (density === "compact") document.documentElement.dataset.density = density;
    // Whoever has chosen a name writes; the others are first asked for one.
    if (!localStorage.getItem("partyline.name")) document.documentElement.dataset.nameless = "";
  } catch {
    // best effort: without storage everything is as the system has it
  }
}
