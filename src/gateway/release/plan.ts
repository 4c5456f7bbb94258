/** A shape as one kind of call sees it: what is not for it has no branch here, only names to pass over. */
import type { Change } from './mask.ts'
import type { Branch, Leaf, Node } from './shape.ts'

/** One class for all kinds, so that a release reads every node in the same way. */
export class Plan {
  readonly kind: 'leaf' | 'object' | 'list'
  readonly nullable: boolean
  readonly leaf: Leaf | null
  readonly change: Change | null
  readonly items: Plan | null
  readonly order: readonly PlanMember[]
  readonly members: ReadonlyMap<string, PlanMember>
  readonly required: number
  readonly least: number

  constructor(
    node: Node,
    inside: { change?: Change | null; items?: Plan | null; order?: readonly PlanMember[] },
  ) {
    this.kind = node.kind
    this.nullable = node.nullable
    this.leaf = node.kind === 'leaf' ? node : null
    this.change = inside.change ?? null
    this.items = inside.items ?? null
    this.order = inside.order ?? []
    this.members = new Map(this.order.map((m) => [m.name, m]))
    this.required = node.kind === 'object' ? node.required : 0
    this.least = node.kind === 'object' ? node.least : 0
  }
}

export class PlanMember {
  readonly name: string
  /** `"name":` */
  readonly written: string
  readonly place: number
  /** Its place as a bit of the lower or the higher word: finds a name that stands twice. */
  readonly bit: number
  readonly high: boolean
  readonly required: boolean
  /** null: it is passed over. */
  readonly plan: Plan | null

  constructor(member: Branch['members'][number], plan: Plan | null) {
    this.name = member.name
    this.written = member.written
    this.place = member.place
    this.bit = 1 << (member.place % 31)
    this.high = member.place >= 31
    this.required = member.required
    this.plan = plan
  }
}

/** What a caller sees who meets these conditions, without the fields that are withheld; an empty answer at the least. */
export const planOf = (root: Node, met: number, withheld: ReadonlySet<string>): Plan => {
  const planned = plan(root, met, withheld)
  if (planned) return planned
  return root.kind === 'object'
    ? new Plan(root, { order: root.members.map((m) => new PlanMember(m, null)) })
    : new Plan(root, {})
}

/** null where nothing of it is for this caller: a container in which nothing is open is not there for them. */
const plan = (node: Node, met: number, withheld: ReadonlySet<string>): Plan | null => {
  if ((node.needs & ~met) !== 0) return null
  switch (node.kind) {
    case 'leaf': {
      const way = node.ways.find(({ needs }) => (needs & ~met) === 0)
      if (!way || way.drop || withheld.has(node.pointer)) return null
      return new Plan(node, { change: way.change })
    }
    case 'list': {
      const items = plan(node.items, met, withheld)
      return items && new Plan(node, { items })
    }
    case 'object': {
      const order = node.members.map((m) => new PlanMember(m, plan(m.node, met, withheld)))
      const open = order.length === 0 || order.some((m) => m.plan !== null)
      return open ? new Plan(node, { order }) : null
    }
  }
}
