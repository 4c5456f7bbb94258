/**
 * The deny-set: what was revoked and could still be used. Fed by control's stream and by the cell's own rows; bounded,
 * because an entry ends when nothing that it denies can live any more (G47, G48).
 */
import type { Revocation } from '#platform/publication.ts'

type Kind = Revocation['kind']

interface Denial {
  readonly atMs: number
  readonly expiresAtMs: number
  /** The snapshot itself says the same sooner or later; from then on its word counts, so that a reinstatement holds. */
  readonly bridges: boolean
}

export interface Denials {
  /** Applying one twice does nothing. */
  add(revocation: Revocation): void
  /** `snapshotAtMs`: when the snapshot was compiled that the call is decided by. */
  denies(kind: Kind, id: string, nowMs: number, snapshotAtMs: number): boolean
  /** When what is denied now was denied, for what only stops what is older; -Infinity where nothing is. */
  since(kind: Kind, id: string, nowMs: number): number
  /** Forgets what has ended. */
  sweep(nowMs: number): void
  size(): number
}

/** A snapshot speaks for control's changes that are older than this: publication reads, then compiles, then signs. */
const SNAPSHOT_LAG_MS = 5_000
const bridged = new Set<Kind>(['partner', 'client', 'certificate', 'permission'])

/** `application kid`: a key that the snapshot names as well, as long as it counts. */
const isRegisteredKey = (kind: Kind, id: string) => kind === 'key' && id.includes(' ')

export const openDenials = (onAdded: (revocation: Revocation) => void = () => {}): Denials => {
  const byKind = new Map<Kind, Map<string, Denial>>()
  return {
    add: (revocation) => {
      const { kind, id, source } = revocation
      const denial: Denial = {
        atMs: Date.parse(revocation.at),
        expiresAtMs: Date.parse(revocation.expiresAt),
        bridges: source === 'control' && (bridged.has(kind) || isRegisteredKey(kind, id)),
      }
      const ids = byKind.get(kind) ?? new Map<string, Denial>()
      byKind.set(kind, ids)
      const held = ids.get(id)
      // Two sources may deny the same; the one that lasts, and does not give way to a snapshot, is kept.
      if (
        held &&
        held.atMs >= denial.atMs &&
        held.expiresAtMs >= denial.expiresAtMs &&
        held.bridges <= denial.bridges
      )
        return
      ids.set(id, {
        atMs: Math.max(denial.atMs, held?.atMs ?? 0),
        expiresAtMs: Math.max(denial.expiresAtMs, held?.expiresAtMs ?? 0),
        bridges: denial.bridges && (held?.bridges ?? true),
      })
      onAdded(revocation)
    },
    denies: (kind, id, nowMs, snapshotAtMs) => {
      const denial = byKind.get(kind)?.get(id)
      if (denial === undefined || denial.expiresAtMs <= nowMs) return false
      return !(denial.bridges && snapshotAtMs >= denial.atMs + SNAPSHOT_LAG_MS)
    },
    since: (kind, id, nowMs) => {
      const denial = byKind.get(kind)?.get(id)
      return denial && denial.expiresAtMs > nowMs ? denial.atMs : Number.NEGATIVE_INFINITY
    },
    sweep: (nowMs) => {
      for (const ids of byKind.values())
        for (const [id, { expiresAtMs }] of ids) if (expiresAtMs <= nowMs) ids.delete(id)
    },
    size: () => byKind.values().reduce((sum, ids) => sum + ids.size, 0),
  }
}
