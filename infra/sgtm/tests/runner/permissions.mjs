// What the section ___SERVER_PERMISSIONS___ allows. Each API asks here before it does anything, as in Tag Manager.

/** Thrown into the template, which ends there. */
export class PermissionDenied extends Error {}

export class Permissions {
  #granted = new Map();

  constructor(section) {
    for (const { instance } of section) {
      const parameters = Object.fromEntries((instance.param ?? []).map(({ key, value }) => [key, plain(value)]));
      this.#granted.set(instance.key.publicId, parameters);
    }
  }

  /** Refuses a call of an API that the section does not allow. */
  check(api, args) {
    const check = CHECKS[api];
    if (!check) return;
    const [name, allows] = check;
    const parameters = this.#granted.get(name);
    if (!parameters) throw new PermissionDenied(`${api} needs the permission ${name}`);
    if (allows && !allows(parameters, ...args)) throw new PermissionDenied(`${name} does not allow ${api} this: ${JSON.stringify(args[0])}`);
  }
}

/** What each API needs, and whether the permission's parameters allow the call. */
const CHECKS = {
  getAllEventData: ["read_event_data", ({ eventDataAccess }) => eventDataAccess === "any"],
  getEventData: ["read_event_data", ({ eventDataAccess, keyPatterns = [] }, path) => eventDataAccess === "any" || keyPatterns.some((pattern) => matches(pattern, path, ".*"))],
  getContainerVersion: ["read_container_data"],
  getGoogleAuth: ["use_google_credentials", ({ allowedScopes = [] }, { scopes }) => scopes.every((scope) => allowedScopes.includes(scope))],
  getRequestHeader: ["read_request", allowsHeader],
  hmacSha256: ["use_custom_private_keys", ({ keyIds = [] }, _, keyId) => keyIds.includes(keyId)],
  logToConsole: ["logging"],
  sendHttpRequest: ["send_http", ({ allowedUrls, urls = [] }, url) => allowedUrls === "any" || urls.some((pattern) => matchesUrl(pattern, url))],
  templateDataStorage: ["access_template_storage"],
};

function allowsHeader({ requestAccess, headersAllowed, headerAccess, headerWhitelist = [] }, name) {
  const listed = headerWhitelist.some(({ headerName }) => headerName.toLowerCase() === name.toLowerCase());
  return requestAccess === "any" || (headersAllowed === true && (headerAccess === "any" || listed));
}

/** As in Tag Manager: HTTPS alone, a star for any part of host or path. */
function matchesUrl(pattern, url) {
  const [, host, path] = pattern.match(/^https:\/\/([^/]+)(\/.*)$/) ?? [];
  if (!host) throw new Error(`not a pattern of an address: ${pattern}`);
  const [, urlHost, urlPath] = url.match(/^https:\/\/([^/?#@]+)(\/.*)$/) ?? [];
  return urlHost !== undefined && matches(host, urlHost, ".+") && matches(path, urlPath, ".*");
}

function matches(pattern, text, star) {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(star)}$`).test(text);
}

function plain(value) {
  if (value.type === 1) return value.string;
  if (value.type === 2) return (value.listItem ?? []).map(plain);
  if (value.type === 3) return Object.fromEntries(value.mapKey.map((key, index) => [plain(key), plain(value.mapValue[index])]));
  if (value.type === 8) return value.boolean;
  throw new Error(`a permission's value of type ${value.type} is not known`);
}
