// Names of files next to haproxy.cfg: distinct on file systems that ignore letter case, such as those of macOS and Windows.
import { expect, test } from "vitest";
import { emitHaproxy } from "../../../src/emit/haproxy/emit-haproxy.ts";
import { planned } from "../../model/planned.ts";

/** More routes with a setting than fit into one line: their list is in a file, named after the backend. */
const many = (to: string) =>
  Array.from({ length: 30 }, (_, index) => ({
    path: `/${to}/${index}`,
    to,
    ...(index < 26 && { timeouts: { server: "5s" } }),
  }));

test("parameters and backends that differ only in letter case have separate files", () => {
  const plan = planned({
    sites: [
      {
        host: "a.test",
        routes: [
          { to: "app" },
          { path: "/q", query: { Engine: "1" }, to: "App" },
          { path: "/q", query: { engine: "1" }, to: "app" },
          ...many("app"),
          ...many("App"),
        ],
      },
    ],
    backends: { app: { servers: ["10.0.0.1:80"] }, App: { servers: ["10.0.0.2:80"] } },
  });
  const names = emitHaproxy(plan).map(({ path }) => path.replace("haproxy/", ""));
  expect(names).toEqual(
    expect.arrayContaining([
      "by-query-Engine.map",
      "by-query-engine-2.map",
      "routes-of-app.lst",
      "routes-of-App-2.lst",
    ]),
  );
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});
