// The model gets exactly the request that is sent: handshake and body.
import { describe, expect, onTestFinished, test } from "vitest";
import { defineEdge } from "../../src/description/define-edge.ts";
import { disagreements } from "../../src/lab/agreement.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { openLab } from "../../src/lab/open-lab.ts";
import { queryModel, queryModelOf } from "../../src/lab/query-model.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const edge = defineEdge({
  edge: "app",
  public: { loadBalancer: "none" },
  sites: [
    {
      host: "app.example.com",
      routes: [
        { path: "/chat", header: { upgrade: "websocket" }, to: "chat", websocket: true },
        { to: "app" },
        { path: "/moved", redirect: { to: "https://app.example.com/a/../b" } },
      ],
    },
  ],
  backends: { app: { servers: ["10.0.0.7:8080"] }, chat: { servers: ["10.0.0.8:8080"] } },
  expect: [
    { get: "http://app.example.com/chat", websocket: true, backend: "chat" },
    { get: "http://app.example.com/", websocket: true, backend: "app" },
    { get: "http://app.example.com/", websocket: true, status: 200, backend: "app" },
    { get: "http://app.example.com/moved", location: "https://app.example.com/b" },
    { get: "http://app.example.com/moved", location: "https://App.example.com:443/a/../b" },
  ],
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("a route that matches the handshake", async () => {
    const lab = await openLab(edge, { haproxy: haproxy.path });
    onTestFinished(() => lab.close());
    const url = "http://app.example.com/chat";
    for (const options of [{ webSocket: true }, {}, { method: "POST", body: "é" }]) {
      const answer = await lab.request(url, options);
      const decision = queryModel(lab.plan, url, options, answer.client);
      expect(decision?.backends.map(({ backend }) => backend)).toEqual([answer.backend]);
      expect(decision === null ? [] : disagreements(decision, answer)).toEqual([]);
      expect(answer.backend).toBe(options.webSocket === true ? "chat" : "app");
    }
  });

  test("an expectation's WebSocket, and locations as written", async () => {
    const lab = await openLab(edge, { haproxy: haproxy.path });
    onTestFinished(() => lab.close());
    const [chat, plain, asPlain, otherPath, otherSpelling] = await runExpectations(
      lab,
      lab.plan.expectations,
    );
    expect(chat?.differences).toEqual([]);
    expect(plain?.differences).toEqual([
      {
        what: "status",
        hop: "backend",
        expected: "101",
        got: "200: HAProxy removed Upgrade, so the backend got a plain request; set `websocket: true` on the route of the description to keep it",
      },
    ]);
    expect(asPlain?.differences).toEqual([]);
    expect(chat && queryModelOf(lab.plan, chat)?.backends.map(({ backend }) => backend)).toEqual(["chat"]);
    expect(otherPath?.differences).toMatchObject([
      { what: "location", expected: "https://app.example.com/b", got: "https://app.example.com/a/../b" },
    ]);
    expect(otherSpelling?.differences).toEqual([]);
  });
});
