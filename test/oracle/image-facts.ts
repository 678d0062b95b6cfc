// The plan's decisions about the image, and the values in the Dockerfile.
import type { Plan } from "../../src/plan/plan.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { type Fact, fact } from "./fact.ts";

export function imageFacts({ image }: Plan, { images }: Wiring): readonly Fact[] {
  const [build] = images;
  if (build === undefined) return fact("Dockerfile", "there", null);
  const user =
    build.user === undefined ? undefined : { ...build.user, value: build.user.value.split(":")[0] ?? "" };
  return [
    ...(image.base.value === "minimal"
      ? []
      : fact("base of the image", image.from.value, build.base, build.at)),
    ...fact("user of the image", image.user.value, user, build.at),
    ...fact("signal that stops the container", "SIGUSR1", build.stopSignal, build.at),
  ];
}
