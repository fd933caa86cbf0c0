// Ways a picture comes in: the button, the clipboard, a drop on the panel.
export class Intake {
  constructor(root, tray) {
    const at = (id) => root.getElementById(id);
    const files = at("files");
    at("add-picture").addEventListener("click", () => files.click());
    files.addEventListener("change", () => {
      tray.add([...files.files]);
      files.value = "";
    });
    at("text").addEventListener("paste", (event) => {
      const pasted = [...event.clipboardData.files];
      if (!pasted.length) return;
      event.preventDefault();
      tray.add(pasted);
    });
    this.#drops(at("app"), at("drop"), tray);
  }

  #drops(area, hint, tray) {
    const carriesFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    area.addEventListener("dragover", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      hint.hidden = false;
    });
    area.addEventListener("dragleave", ({ relatedTarget }) => {
      if (!area.contains(relatedTarget)) hint.hidden = true;
    });
    area.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      hint.hidden = true;
      tray.add([...event.dataTransfer.files]);
    });
  }
}
