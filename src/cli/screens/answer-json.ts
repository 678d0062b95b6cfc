// An answer to a request, as JSON.
import type { LabAnswer } from "../../lab/send.ts";

export function answerJson({
  status,
  location,
  backend,
  refused,
}: Pick<LabAnswer, "status" | "location" | "backend" | "refused">): object {
  return { status, location, backend, refused };
}
