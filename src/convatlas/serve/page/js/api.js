// The server's API: JSON, binary maps and event streams; faults as one line.
import { readMaps } from "./maps.js";
import { askToken, heldToken } from "./token.js";

/** What the server refused, or that it could not be reached (status 0).
 * `message` says what, why and what to do; `code` is for programs. */
export class ApiError extends Error {
  constructor(status, code, message, retryAfter = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The address of a path like "/v1/runs" with parameters; null ones are left out. */
export function address(path, params = {}) {
  const url = new URL(path.replace(/^\//, ""), document.baseURI.split("#")[0]);
  for (const [key, value] of Object.entries(params)) {
    if (value !== null && value !== undefined) url.searchParams.set(key, value);
  }
  return url;
}

async function ask(path, params, options) {
  const headers = new Headers(options.headers);
  const token = heldToken();
  if (token) headers.set("Authorization", `Bearer ${token}`);
  let response;
  try {
    response = await fetch(address(path, params), { ...options, headers });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new ApiError(0, "unreachable", "");
  }
  if (response.ok) return response;
  if (response.status === 401 && (await askToken())) return ask(path, params, options);
  const told = await response.json().catch(() => null);
  const retryAfter = response.headers.get("Retry-After");
  throw new ApiError(
    response.status,
    told?.error?.code ?? "failed",
    told?.error?.message ?? `${response.status} ${response.statusText}`,
    retryAfter && Number(retryAfter),
  );
}

export const api = {
  /** GET, JSON. `options`: those of fetch, e.g. `{ signal }`. */
  async get(path, params = {}, options = {}) {
    return (await ask(path, params, options)).json();
  },

  /** POST of a Blob, FormData, or an object (sent as JSON); the answer is JSON. */
  async post(path, params = {}, body = null, options = {}) {
    return (await ask(path, params, posted(body, options))).json();
  },

  /** The response itself, for texts and files. */
  async response(path, params = {}, options = {}) {
    return ask(path, params, options);
  },

  /** GET of binary maps, or POST where there is a body. */
  async maps(path, params = {}, body = null, options = {}) {
    const response = await ask(path, params, body ? posted(body, options) : options);
    return readMaps(await response.arrayBuffer());
  },

  /** Server-sent events until the stream ends: `heard(name, data)`, data is parsed JSON. */
  async events(path, params, heard, options = {}) {
    const response = await ask(path, params, { ...options, headers: { Accept: "text/event-stream" } });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (waiting + value.replaceAll("\r\n", "\n")).split("\n\n");
      waiting = blocks.pop();
      for (const block of blocks) {
        const lines = block.split("\n");
        const name = lines.find((line) => line.startsWith("event:"))?.slice(6).trim() ?? "message";
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
        if (data.length) heard(name, JSON.parse(data.join("\n")));
      }
    }
  },
};

function posted(body, options) {
  if (body === null || body instanceof Blob || body instanceof FormData) return { ...options, method: "POST", body };
  const headers = { ...options.headers, "Content-Type": "application/json" };
  return { ...options, method: "POST", body: JSON.stringify(body), headers };
}
