// Values that are unknown because a variable has no value are listed once; known values are not.
import { expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const ELB = `resource "aws_elb" "app" {
  listener {
    lb_port           = 443
    lb_protocol       = "tcp"
    instance_port     = var.https_port
    instance_protocol = "tcp"
  }
  health_check {
    target = "TCP:\${var.https_port}"
  }
}
`;

test("a node port from a variable without a default", async () => {
  const [note, ...others] = await notesOf(`${ELB}variable "https_port" {}\n`);
  expect(note?.what).toBe("the variable https_port has no default");
  expect(note?.why).toContain(
    "Not known of `aws_elb.app`: the target of port 443, whether port 443 sends PROXY headers, the health check's port",
  );
  expect(note?.at.map(({ file, line }) => `${file}:${line}`)).toEqual(["main.tf:12"]);
  expect(others).toEqual([]);
});

test("with a default nothing is unknown", async () => {
  expect(await notesOf(`${ELB}variable "https_port" { default = 31001 }\n`)).toEqual([]);
});

test.each([
  ["git::https://git.example.com/platform/edge.git", 1],
  ["github.com/example/edge", 1],
  ["terraform-aws-modules/alb/aws", 1],
  ["terraform-aws-modules/vpc/aws", 0],
  ["app.terraform.io/example/vpc/aws", 0],
])("a module from %s", async (source, count) => {
  const notes = await notesOf(`module "edge" {\n  source = "${source}"\n}\n`);
  expect(notes.map(({ what }) => what)).toHaveLength(count);
});

async function notesOf(text: string) {
  const wiring = await readWiring([{ file: "main.tf", text }]);
  return checkLayers(wiring).filter(({ code }) => code === "layer-not-understood");
}
