// A full-screen panel keeps clear of the on-screen keyboard, whose height only the visual viewport tells.
export function fitKeyboard(shell) {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    shell.style.setProperty("--view-height", `${view.height}px`);
    shell.style.setProperty("--view-top", `${view.offsetTop}px`);
  };
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  fit();
}
