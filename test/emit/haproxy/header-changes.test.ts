// Changes to headers as haproxy.cfg contains them, where levels of the description and kinds of responses differ.
import { expect, test } from "vitest";
import { emitLayers } from "../../../src/emit/layers.ts";
import { planned } from "../../model/planned.ts";

function configOf(edge: Parameters<typeof planned>[0]) {
  const file = emitLayers(planned(edge)).find(({ path }) => path === "haproxy/haproxy.cfg");
  if (file === undefined) throw new Error("no haproxy.cfg");
  return file;
}

const backends = { app: { servers: ["10.0.0.7:8080"] } };

test.each(["none", "owasp-2024-07"] as const)(
  "a preset of the edge stays on responses of HAProxy itself if a route has %s for servers only",
  (preset) => {
    const { content } = configOf({
      responseHeaders: { preset: "basic-2026-11" },
      sites: [
        {
          host: "a.test",
          routes: [
            { path: "/api", to: "app", responseHeaders: { preset, responsesFrom: "servers" } },
            { to: "app" },
          ],
        },
      ],
      backends,
    });
    const own = content.split("\n").filter((text) => text.includes("!{ var(txn.from_server) -m found }"));
    expect(own.some((text) => text.includes("http-after-response set-header X-Frame-Options DENY"))).toBe(
      true,
    );
  },
);

test("a credential with a value of the request in it makes the file secret", () => {
  const file = configOf({
    sites: [
      {
        host: "a.test",
        routes: [{ to: "app", requestHeaders: { set: { Authorization: "abc{client.ip}def" } } }],
      },
    ],
    backends,
  });
  expect(file.secret).toBe(true);
});
