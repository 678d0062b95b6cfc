// The stats page's password: HAProxy reads it from its environment, with any characters; an empty one disables the page.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { emitLayers } from "../../../src/emit/layers.ts";
import { openLabOf } from "../../../src/lab/lab.ts";
import { openLabOfLayers } from "../../../src/lab/open-layers-lab.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned } from "../../model/planned.ts";

const PASSWORD = "$HOME ${HOME} \"q\" 'q' \\x41\\ #no, 50% %[src] é";

const plan = planned({
  stats: { user: { name: "o$p's", password: PASSWORD } },
  sites: [{ host: "a.test", routes: [{ to: "app" }] }],
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("is the described one, and is only in the Secret", async () => {
    const lab = await openLabOf(plan, { haproxy });
    onTestFinished(() => lab.close());
    const ask = async (password: string) => (await fetch(statsUrl(lab.folder), basic(password))).status;
    expect(await ask(PASSWORD)).toBe(200);
    expect(await ask(`${PASSWORD}x`)).toBe(401);
    expect(await ask("")).toBe(401);
    const base64 = Buffer.from(PASSWORD).toString("base64");
    const having = emitLayers(plan).filter(
      ({ content }) => content.includes(PASSWORD) || content.includes(base64),
    );
    expect(having.map(({ path, secret }) => [path, secret])).toEqual([["kubernetes/secret.yaml", true]]);
  });

  test("an environment without it disables the page", async () => {
    const files = emitLayers(plan).filter(({ path }) => /^haproxy\/|service/.test(path));
    const wiring = await readWiring(files.map(({ path, content }) => ({ file: path, text: content })));
    const lab = await openLabOfLayers(wiring, { haproxy });
    onTestFinished(() => lab.close());
    const statuses = [basic(""), basic("${STATS_PASSWORD}"), {}].map(
      async (options) => (await fetch(statsUrl(lab.folder), options)).status,
    );
    expect(await Promise.all(statuses)).toEqual([403, 403, 403]);
  });
});

function basic(password: string): RequestInit {
  return { headers: { authorization: `Basic ${Buffer.from(`o$p's:${password}`).toString("base64")}` } };
}

/** From the configuration that the lab runs. */
function statsUrl(folder: string): string {
  const text = readFileSync(join(folder, "haproxy/haproxy.cfg"), "utf8");
  const [, bind = ""] = /^frontend stats\S*.*\n(?:.*\n)*? +bind (\S+)/m.exec(text) ?? [];
  return `http://${bind}/`;
}
