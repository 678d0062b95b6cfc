// Values of the user's environment are not in any output: HAProxy does not get them, and Terraform's variables are not read from them.
import { describe, expect, test } from "vitest";
import { folderWith, portico } from "../cli/portico.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const SECRET = "s3cr3t-of-the-user";
const CONFIG = `.warning "w $TOKEN"
.notice "n \${TOKEN}"
.diag "d $TOKEN"
global
  log "\${TOKEN}" local0
  description "$TOKEN"
  setenv COPY "$TOKEN"
  node "$COPY"
defaults
  mode "$TOKEN"
  timeout client "\${TOKEN}"
frontend f
  bind "\${TOKEN}"
  bind :"\${TOKEN}"
  http-request return status 200 lf-string "%[env(TOKEN)]" if { env(TOKEN) -m found }
  use_backend "$TOKEN"
  nonsense "$TOKEN"
.if streq("$TOKEN",${SECRET.length})
.alert "a $TOKEN"
.endif
backend b
  server s "\${TOKEN}":80
`;
const ARGUMENTS = [
  ["in text", ["--layers", "."]],
  ["in JSON", ["--layers", ".", "--json"]],
  ["in SARIF", ["--layers", ".", "--format", "sarif"]],
] as const;

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  test.each(ARGUMENTS)("check %s", async (_, args) => {
    const cwd = folderWith({
      "haproxy.cfg": CONFIG,
      "main.tf": 'variable "token" {}\nresource "aws_elb" "e" {\n  name = var.token\n}\n',
      Dockerfile: "ARG TOKEN\nFROM $TOKEN\nUSER $TOKEN\n",
    });
    const env = { PORTICO_HAPROXY: path, TOKEN: SECRET, TF_VAR_token: SECRET };
    const { status, stdout, stderr } = await portico(["check", ...args], { cwd, env });
    expect(stdout + stderr).not.toContain(SECRET);
    expect(stdout).toContain("TOKEN");
    expect(status).toBe(1);
  });
});
