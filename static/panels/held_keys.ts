/**
 * Takes what is typed from now on, so that it is not written where the focus still is. The function
 * that is returned ends that, and yields what was typed.
 */
export function holdKeys(): () => string {
  let typed = "";
  const hold = (event: KeyboardEvent) => {
    if (event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    typed += event.key;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", hold, { capture: true });
  return () => {
    document.removeEventListener("keydown", hold, { capture: true });
    return typed;
  };
}
