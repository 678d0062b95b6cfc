// MetalLB: an address announced by the nodes themselves, for clusters without a cloud.
import { ownsByPrefix, USUAL } from "./forms.ts";
import type { Provider } from "./provider.ts";

export const metallb: Provider = {
  ...USUAL,
  name: "metallb",
  title: "MetalLB",
  makes: "an address that nodes announce",
  documents: {
    "MetalLB, Usage (Traffic policies)": "https://metallb.io/usage/#traffic-policies",
    "MetalLB, Usage (Requesting specific IPs)": "https://metallb.io/usage/#requesting-specific-ips",
  },
  owns: ownsByPrefix("metallb.io/", "metallb.universe.tf/"),
  keepsClientAddress: "Local",
  readKeeps: () => ({ value: true }),
  tlsNote: "it announces an address and does not process connections",
  healthCheck: { Cluster: undefined, Local: undefined },
  notes: [
    "In layer 2 mode one node receives all traffic; with `Local`, only the pods of that node serve requests.",
    "The address pool determines which addresses are public (`metallb.io/address-pool`, in `annotations`).",
  ],
};
