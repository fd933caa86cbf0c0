// Pictures of a conversation as object URLs: an <img> cannot send the token, so they are fetched, once, with it.
import { readPicture } from "../api.js";

export class Pictures {
  constructor(store) {
    this.store = store;
    this.urls = new Map();
  }

  // Resolves to an object URL. Raises ApiError.
  url(id) {
    if (!this.urls.has(id)) {
      const coming = readPicture(this.store.conversation, id).then((blob) => URL.createObjectURL(blob));
      coming.catch(() => this.urls.delete(id));
      this.urls.set(id, coming);
    }
    return this.urls.get(id);
  }

  // What this page sent itself need not be fetched again.
  keep(id, file) {
    this.urls.set(id, Promise.resolve(URL.createObjectURL(file)));
  }

  forget() {
    for (const coming of this.urls.values()) coming.then(URL.revokeObjectURL, () => {});
    this.urls.clear();
  }
}
