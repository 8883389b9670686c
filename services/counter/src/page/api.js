// Calls to the page's API other than the stream. A refusal is problem+json; its words are shown to the operator.

/** What the server refused, or that it could not be reached. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** GETs JSON. */
export const get = (address) => call(address, { headers: { accept: "application/json" } });

/** POSTs JSON and reads the JSON answer. */
export const post = (address, body) =>
  call(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function call(address, options) {
  const response = await fetch(address, { ...options, signal: AbortSignal.timeout(15_000) }).catch((error) => {
    throw new ApiError(`The counter could not be reached (${error.message}).`, 0);
  });
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const words = [body?.title, body?.detail].filter(Boolean).join(": ");
  throw new ApiError(words || `The counter answered ${response.status}.`, response.status);
}
