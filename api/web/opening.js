// From what was kept and who is proven to be there, to a conversation to begin with.
import { openConversation, proveIdentity, readConversation } from "./api.js";

const REFUSED = [400, 401, 403, 422];

// `seen` is the conversation as the service holds it, null for one just opened; `refusal` says that the identity was
// not accepted and the shopper goes on as before. Raises ApiError.
export async function establish(store, { shopId, identity }) {
  if (store.conversation) {
    try {
      return await resume(store, identity);
    } catch (error) {
      if (!error.gone && error.status !== 409) throw error; // 409: it belongs to another shopper
      store.clear();
    }
  }
  return fresh(store, shopId, identity);
}

async function resume(store, identity) {
  store.adopt();
  let refusal = null;
  if (identity) {
    try {
      store.update(await proveIdentity(store.conversation, identity));
    } catch (error) {
      if (!REFUSED.includes(error.status)) throw error;
      refusal = error; // of the identity, if reading succeeds with the same token; else the conversation is gone
    }
  }
  const seen = await readConversation(store.conversation);
  store.update({ shop: seen.shop, shopper: seen.shopper ?? null });
  return { seen, refusal };
}

async function fresh(store, shopId, identity) {
  let refusal = null;
  let opened;
  try {
    opened = await openConversation(shopId, identity);
  } catch (error) {
    if (!identity || !REFUSED.includes(error.status)) throw error;
    refusal = error;
    opened = await openConversation(shopId);
  }
  store.open(opened);
  return { seen: null, refusal };
}
