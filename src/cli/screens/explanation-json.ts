// The explanation of one request as JSON.
import { maskedJson } from "../../findings/credentials.ts";
import { type Explanation, nearMisses } from "./explanation.ts";
import { merged } from "./explanation-rows.ts";

export function explanationJson(explanation: Explanation): string {
  const { request, plan, listener, decision, answer, differences, raw, haproxy, notRun } = explanation;
  const passedOver = decision === null ? [] : nearMisses(decision);
  const seen = answer.seen && {
    method: answer.seen.method,
    target: answer.seen.target,
    headers: Object.fromEntries(merged(answer.seen.headers)),
  };
  return maskedJson({
    edge: plan.edge,
    request: {
      method: request.method,
      url: request.url,
      headers: request.options.headers,
      from: answer.client,
    },
    listener: { name: listener.name, port: listener.port.value, scheme: listener.scheme },
    status: answer.status,
    location: answer.location,
    site: decision?.site?.name ?? null,
    route: decision?.route?.id ?? null,
    at: decision?.route?.at ?? null,
    backend: answer.backend,
    because: decision?.because ?? answer.refused,
    passedOver: passedOver.map(({ verdict, why }) => ({ route: verdict.route.id, why })),
    seen,
    headers: Object.fromEntries(merged(answer.headers)),
    refused: answer.refused,
    rawLines: raw,
    notRun,
    haproxy: {
      version: haproxy,
      // Raw lines may have effects that nothing here compares.
      agrees: decision === null || raw.length > 0 || notRun.length > 0 ? null : differences.length === 0,
      differences,
    },
  });
}
