// What the servers on Node share: the restricted handlers, and the line that each run of a handler prints.

const RESTRICTED = {
  "/admin/users": "admin",
  "/team/list": "team",
  "/secret": "secret",
  "/v1/private": "private",
  "/write": "write",
  "/upload": "upload",
  "/beta": "beta",
};

export const restrictedHandlers = Object.entries(RESTRICTED);

export function handlerOf(path) {
  return Object.hasOwn(RESTRICTED, path) ? RESTRICTED[path] : "any";
}

export function record(fields) {
  process.stdout.write(`${JSON.stringify(fields)}\n`);
}
