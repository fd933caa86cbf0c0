// The shopper's HTTP contract. The service is found beside this module, so a page on another origin reaches it as well.
export class ApiError extends Error {
  // status 0: the service was not reached, so nobody knows whether it acted. `token` is the one the request carried.
  constructor(status, body = {}, { retryAfterS = 0, token } = {}) {
    super(body.detail || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "unreachable";
    this.data = body.data ?? {};
    this.retryAfterS = retryAfterS;
    this.token = token;
  }

  get gone() {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }

  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const ROOT = new URL("../v1/conversations", import.meta.url).href;
const PLAIN = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };

async function failure(response, token) {
  const body = await response.json().catch(() => ({}));
  return new ApiError(response.status, body, { retryAfterS: Number(response.headers.get("Retry-After")) || 0, token });
}

// Raises ApiError for every answer that is no success, and for no answer at all.
async function reach(path, { token, body, method = body ? "POST" : "GET", accept = "application/json", signal } = {}) {
  const headers = { Accept: accept };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(ROOT + path, { ...PLAIN, method, headers, body: body && JSON.stringify(body), signal });
  } catch (error) {
    throw new ApiError(0, { detail: String(error) }, { token });
  }
  if (!response.ok) throw await failure(response, token);
  return response;
}

async function request(path, options = {}) {
  const response = await reach(path, { signal: AbortSignal.timeout(20_000), ...options });
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch (error) {
    throw new ApiError(0, { detail: String(error) }, { token: options.token });
  }
}

const path = ({ id }, rest = "") => `/${encodeURIComponent(id)}${rest}`;

export const openConversation = (shopId, identityToken) =>
  request("", { body: identityToken ? { shop_id: shopId, identity_token: identityToken } : { shop_id: shopId } });

export const readConversation = (conversation) => request(path(conversation), { token: conversation.token });

export const proveIdentity = (conversation, identityToken) =>
  request(path(conversation, "/identity"), { token: conversation.token, body: { identity_token: identityToken } });

export const postMessage = (conversation, { text, key, attachments }) =>
  request(path(conversation, "/messages"), {
    token: conversation.token,
    body: { text, client_key: key, attachment_ids: (attachments ?? []).map((one) => one.attachment_id) },
  });

export const readSource = (conversation, chunkId) =>
  request(path(conversation, `/citations/${encodeURIComponent(chunkId)}`), { token: conversation.token });

export const putRating = (conversation, rating) =>
  request(path(conversation, "/rating"), { token: conversation.token, method: "PUT", body: rating });

export async function readPicture(conversation, id) {
  const options = { token: conversation.token, accept: "image/*", signal: AbortSignal.timeout(60_000) };
  const response = await reach(path(conversation, `/attachments/${encodeURIComponent(id)}`), options);
  return response.blob();
}

export async function openEvents(conversation, after, signal) {
  const options = { token: conversation.token, accept: "text/event-stream", signal };
  return (await reach(path(conversation, `/events?after=${after}`), options)).body;
}

// XMLHttpRequest, because fetch does not tell how far an upload has come. `onProgress` gets a share of 0 to 1.
export function uploadPicture(conversation, file, onProgress, signal) {
  const { token } = conversation;
  const sent = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const unreached = () => reject(new ApiError(0, {}, { token }));
    for (const kind of ["error", "abort", "timeout"]) sent.addEventListener(kind, unreached);
    sent.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    sent.addEventListener("load", () => {
      if (sent.status === 201) return resolve(sent.response);
      const retryAfterS = Number(sent.getResponseHeader("Retry-After")) || 0;
      reject(new ApiError(sent.status, sent.response ?? {}, { retryAfterS, token }));
    });
    signal.addEventListener("abort", () => sent.abort());
    sent.open("POST", ROOT + path(conversation, "/attachments"));
    sent.responseType = "json";
    sent.timeout = 120_000;
    sent.setRequestHeader("Authorization", `Bearer ${token}`);
    sent.send(form);
  });
}
