/** Which process may touch which schema. The roles of the database hold the map of the house a second time. */
export type DatabaseKind = 'control' | 'cell' | 'vault'
type Right = 'all' | 'append' | 'read'

interface SchemaRight {
  readonly schema: string
  readonly process: string
  readonly right: Right
}

const rights: Readonly<
  Record<DatabaseKind, Readonly<Record<string, Readonly<Record<string, Right>>>>>
> = {
  control: {
    journal: { control: 'append' },
    sign_in: { control: 'all' },
    staff: { control: 'all' },
    partners: { control: 'all' },
    catalogue: { control: 'all' },
    licences: { control: 'all' },
    contracts: { control: 'all' },
    approvals: { control: 'all' },
    usage: { control: 'all' },
    billing: { control: 'all' },
    budgets: { control: 'all' },
    support: { control: 'all' },
    tasks: { control: 'all' },
    service_levels: { control: 'all' },
    evidence_packs: { control: 'all' },
    revenue_share: { control: 'all' },
    forecast: { control: 'all' },
    certification: { control: 'all' },
    jobs: { control: 'all' },
    publication: { control: 'all' },
    incidents: { control: 'all' },
    abuse: { control: 'all' },
    wind_downs: { control: 'all' },
    webhooks: { control: 'all' },
    advisory: { control: 'all' },
    work_queues: { control: 'all' },
    try_it: { control: 'all' },
    versions: { control: 'all' },
    status: { control: 'all' },
  },
  cell: {
    journal: { authorization: 'append', bank: 'append', courier: 'append' },
    oauth: { authorization: 'all' },
    consents: { authorization: 'all' },
    revocations: { authorization: 'append', gateway: 'read' },
    once: { gateway: 'all' },
    accesses: { gateway: 'all', authorization: 'read' },
    limits: { gateway: 'all' },
    customers: { bank: 'all' },
    accounts: { bank: 'all' },
    payments: { bank: 'all' },
    cards: { bank: 'all' },
    lending: { bank: 'all' },
    kyc: { bank: 'all' },
    fx: { bank: 'all' },
    reconciliation: { bank: 'all' },
    synthetic: { bank: 'all' },
    worlds: { bank: 'all' },
    courier: { courier: 'all' },
  },
  vault: {
    journal: { vault: 'append' },
    vault: { vault: 'all' },
  },
}

export const schemasOf = (kind: DatabaseKind): SchemaRight[] =>
  Object.entries(rights[kind]).flatMap(([schema, byProcess]) =>
    Object.entries(byProcess).map(([process, right]) => ({ schema, process, right })),
  )

export const processesOf = (kind: DatabaseKind): string[] => [
  ...new Set(schemasOf(kind).map((r) => r.process)),
]
