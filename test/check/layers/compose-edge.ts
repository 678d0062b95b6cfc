// A small Compose project without findings, for tests that change one thing: host ports → HAProxy → two services.
import type { Files } from "./clean-edge.ts";

const COMPOSE = `services:
  edge:
    image: haproxy:3.0.12
    ports:
      - "80:8080"
      - "443:8443"
      - "127.0.0.1:8404:8404"
    environment:
      API_PORT: \${API_PORT:-8000}
    volumes:
      - ./haproxy/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro
      - ./haproxy/maps:/usr/local/etc/haproxy/maps:ro
      - certificates:/etc/certs:ro
    networks: [front, back]
    depends_on: [api, web]
  web:
    image: registry.example.com/web:1
    expose: ["3000"]
    networks: [back]
  api:
    build: ./api
    networks:
      back: { aliases: [api-v1] }
  store:
    image: postgres:17
    networks: [data]
networks:
  front: {}
  back: {}
  data: {}
volumes:
  certificates: {}
`;

const COMPOSE_CONFIG = `global
  log stdout format raw local0
  maxconn 1000
resolvers docker
  parse-resolv-conf
  accepted_payload_size 8192
defaults
  mode http
  log global
  timeout client 30s
  timeout server 30s
  timeout connect 2s
  timeout http-request 10s
  default-server check init-addr none resolvers docker resolve-prefer ipv4
frontend http
  bind *:8080
  http-request deny if !{ req.hdr(host),host_only -i app.example.com }
  http-request redirect scheme https code 301
frontend https
  bind *:8443 ssl crt /etc/certs/site.pem
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto https
  use_backend %[path,map_beg(/usr/local/etc/haproxy/maps/paths.map,web)]
frontend health
  bind *:8404
  http-request return status 200
backend web
  server web web:3000
backend api
  server api "api-v1:\${API_PORT}"
`;

export const COMPOSE_FILES: Files = {
  "compose.yaml": COMPOSE,
  "haproxy/haproxy.cfg": COMPOSE_CONFIG,
  "haproxy/maps/paths.map": "/api api\n",
};

export const COMPOSE_EXPECTATIONS = `- { get: "http://app.example.com/", status: 301 }
- { get: "https://app.example.com/", backend: web }
- { get: "https://app.example.com/api/x", backend: api }
`;

/** The files with texts of one of them replaced; throws where a text is missing. */
export function composeWith(
  file: "compose.yaml" | "haproxy/haproxy.cfg",
  ...changes: readonly (readonly [before: string, after: string])[]
): Files {
  let text = COMPOSE_FILES[file] ?? "";
  for (const [before, after] of changes) {
    if (!text.includes(before)) throw new Error(`no such text: ${before}`);
    text = text.replace(before, () => after);
  }
  return { ...COMPOSE_FILES, [file]: text };
}
