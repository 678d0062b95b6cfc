// A thousand routes from a loop: the shops of a marketplace, each with a path of its own and its expectations.
import { defineEdge, type Edge } from "portico";

type Routes = NonNullable<Edge["sites"][number]["routes"]>;
type Expectations = NonNullable<Edge["expect"]>;

interface Shop {
  readonly name: string;
  readonly region: "eu" | "us" | "asia";
  /** Pays for a preview of the next version. */
  readonly preview: boolean;
}

const regions = ["eu", "us", "asia"] as const;

/** Where a real description would read a file or ask a database, once, when it is rendered. */
const shops: readonly Shop[] = Array.from({ length: 900 }, (_, index) => ({
  name: `shop-${index + 1}`,
  region: regions[index % regions.length] ?? "eu",
  preview: index % 9 === 0,
}));

function routesOf({ name, region, preview }: Shop): Routes {
  const path = `/shops/${name}`;
  return [
    { path, to: `shops-${region}`, rewrite: { prefix: "/" }, requestHeaders: { set: { "x-shop": name } } },
    ...(preview
      ? [{ path, header: { "x-preview": "1" }, to: "preview", requestHeaders: { set: { "x-shop": name } } }]
      : []),
  ];
}

function expectationsOf({ name, region, preview }: Shop): Expectations {
  const get = `https://market.example.com/shops/${name}/cart?item=7`;
  return [
    { get, backend: `shops-${region}`, seen: { path: "/cart?item=7", headers: { "x-shop": name } } },
    preview
      ? {
          get,
          headers: { "x-preview": "1" },
          backend: "preview",
          seen: { path: `/shops/${name}/cart?item=7`, headers: { "x-shop": name } },
        }
      : { get: `${get}&x=1`, headers: { "x-preview": "1" }, backend: `shops-${region}` },
  ];
}

export default defineEdge({
  edge: "market",
  public: {
    loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
    tls: { terminatedAt: "loadBalancer" },
  },
  sites: [{ host: "market.example.com", routes: [{ to: "front" }, ...shops.flatMap(routesOf)] }],
  backends: {
    front: { service: "front", port: 80 },
    preview: { service: "preview", port: 80 },
    ...Object.fromEntries(regions.map((region) => [`shops-${region}`, { service: "shops", port: 80 }])),
  },
  expect: [
    {
      get: "https://market.example.com/",
      backend: "front",
      seen: { headers: { "x-forwarded-for": "203.0.113.7" } },
    },
    { get: "https://market.example.com/shops", backend: "front" },
    { get: "https://market.example.com/shops/shop-901", backend: "front" },
    { get: "https://market.example.com/", through: "untrusted", refused: true },
    { get: "http://market.example.com/", status: 301, location: "https://market.example.com/" },
    ...shops.flatMap(expectationsOf),
  ],
});
