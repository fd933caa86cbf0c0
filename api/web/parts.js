import { Chips } from "./chips.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { HandoffBanner } from "./handoff.js";
import { Log } from "./log.js";
import { Intake } from "./photos/intake.js";
import { Lightbox } from "./photos/lightbox.js";
import { Pictures } from "./photos/pictures.js";
import { Tray } from "./photos/tray.js";
import { RatingForm } from "./rating.js";
import { Scroll } from "./scroll.js";
import { Sources } from "./sources.js";
import { Status } from "./status.js";
import { Unread } from "./unread.js";
import { Welcome } from "./welcome.js";

export function partsOf(reception) {
  const { root, store, element } = reception;
  const send = (text, attachments) => reception.send(text, attachments);
  const sources = new Sources(root, store, { widget: element.widget });
  const pictures = new Pictures(store);
  const lightbox = new Lightbox(element.shell, pictures);
  const tray = new Tray(root, store, { pictures, onChange: () => composer.look() });
  const composer = new Composer(root, tray, send);
  new Intake(root, tray);
  return {
    sources,
    pictures,
    tray,
    composer,
    log: new Log(root, { open: (citation, opener) => sources.open(citation, opener), pictures, lightbox }),
    status: new Status(root),
    chips: new Chips(root, send),
    welcome: new Welcome(root, send),
    banner: new HandoffBanner(root),
    connection: new Connection(root),
    rating: new RatingForm(root, store),
    scroll: new Scroll(root),
    unread: new Unread((count) => element.unread(count)),
  };
}
