/** What this installation lets its registered upstreams be, and the key that theirs are sealed with. */
import type { Cell } from '#kernel/cell.ts'
import { makeRandomKey } from './keys.ts'
import type { ProcessWorld } from './process.ts'
import type { UpstreamGuard } from './registered-upstream.ts'

const portsIn = (value: unknown): number[] =>
  typeof value === 'number'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(portsIn)
      : []

export const upstreamGuardOf = (
  { settings, ports, layout }: Pick<ProcessWorld, 'settings' | 'ports' | 'layout'>,
  cell: Cell,
): UpstreamGuard => ({
  allowed: new Set(settings.PORTICO_UPSTREAM_ALLOW?.split(',') ?? []),
  ownPorts: new Set(portsIn(ports)),
  sealingKey: () => makeRandomKey(layout.cell(cell).upstreamKey),
})
