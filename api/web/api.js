export class ApiError extends Error {
  // status 0: the service was not reached, so nobody knows whether it acted.
  constructor(status, body = {}, retryAfterS = 0) {
    super(body.detail || `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "unreachable";
    this.data = body.data ?? {};
    this.retryAfterS = retryAfterS;
  }

  get gone() {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }

  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const ROOT = "/v1/conversations";

async function failure(response) {
  const body = await response.json().catch(() => ({}));
  return new ApiError(response.status, body, Number(response.headers.get("Retry-After")) || 0);
}

async function request(path, { token, body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(ROOT + path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(20_000),
      cache: "no-store",
    });
    if (response.ok) return await response.json();
  } catch (error) {
    throw new ApiError(0, { detail: String(error) });
  }
  throw await failure(response);
}

const path = ({ id }, rest = "") => `/${encodeURIComponent(id)}${rest}`;

export const openConversation = (shopId) => request("", { body: { shop_id: shopId } });

export const readConversation = (conversation) => request(path(conversation), { token: conversation.token });

export const postMessage = (conversation, text, clientKey) =>
  request(path(conversation, "/messages"), { token: conversation.token, body: { text, client_key: clientKey } });

export const readSource = (conversation, chunkId) =>
  request(path(conversation, `/citations/${encodeURIComponent(chunkId)}`), { token: conversation.token });

export async function openEvents(conversation, after, signal) {
  const headers = { Authorization: `Bearer ${conversation.token}`, Accept: "text/event-stream" };
  let response;
  try {
    response = await fetch(ROOT + path(conversation, `/events?after=${after}`), { headers, signal, cache: "no-store" });
  } catch (error) {
    throw new ApiError(0, { detail: String(error) });
  }
  if (!response.ok) throw await failure(response);
  return response.body;
}
