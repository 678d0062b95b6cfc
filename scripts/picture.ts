// Writes docs/terminal.svg, the picture in the README, from the output of the real commands on the newest HAProxy. A test fails when it is stale.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findAllHaproxies } from "../test/haproxy/all-haproxies.ts";
import { pictureLines, terminalSvg } from "./picture/terminal.ts";

const newest = (await findAllHaproxies()).at(-1);
if (newest === undefined) throw new Error("there is no HAProxy: npm run haproxy:versions installs it");
const root = fileURLToPath(new URL("..", import.meta.url));
const env = { ...process.env, FORCE_COLOR: "1", NO_COLOR: "", PORTICO_HAPROXY: newest.path };

const lines = pictureLines((args) => {
  const { stdout, status, stderr } = spawnSync(`${root}bin/portico`, args, {
    cwd: `${root}examples/hand-written`,
    env,
    encoding: "utf8",
  });
  if (status === null || status > 2 || stdout === "") throw new Error(`portico ${args.join(" ")}: ${stderr}`);
  return stdout;
});
writeFileSync(`${root}docs/terminal.svg`, terminalSvg(lines));
