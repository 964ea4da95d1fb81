// Which roles permit what, to say it to whoever lacks it. The gateway decides (psmp_gateway.rules.access).

export const ROLES = {
  declare: ["agent", "admin"],
  resolve: ["agent", "resolver", "admin"],
  plan: ["agent", "operator", "admin"],
  govern: ["operator", "admin"],
  operate: ["operator", "admin"],
  inspect: ["operator", "auditor", "admin"],
  "speak-as-others": ["admin"],
} as const;

export type Permission = keyof typeof ROLES;
